mock_provider "aws" {
  source = "../../tests/aws"
}

variables {
  name     = "hubbub-test"
  services = ["auth-svc", "gateway", "moderation-svc", "room-svc", "social-svc"]
  key_arn  = "arn:aws:kms:eu-central-1:111122223333:key/11111111-2222-3333-4444-555555555555"
}

run "one_repository_for_each_process" {
  command = apply

  assert {
    condition     = toset([for repository in aws_ecr_repository.this : repository.name]) == toset([for service in var.services : "hubbub-test/${service}"])
    error_message = "Each has its own."
  }

  assert {
    condition = alltrue([for repository in aws_ecr_repository.this :
      repository.image_tag_mutability == "IMMUTABLE" && repository.image_scanning_configuration[0].scan_on_push && repository.encryption_configuration[0].kms_key == var.key_arn
    ])
    error_message = "A tag never moves; images are scanned, and encrypted with our own key."
  }
}
