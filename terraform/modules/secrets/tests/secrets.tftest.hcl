mock_provider "aws" {
  source = "../../tests/aws"
}

variables {
  name          = "hubbub-test"
  services      = ["auth-svc", "gateway", "moderation-svc", "room-svc", "social-svc"]
  key_arn       = "arn:aws:kms:eu-central-1:111122223333:key/11111111-2222-3333-4444-555555555555"
  recovery_days = 30
}

run "what_people_make_has_a_place_and_no_value_here" {
  command = apply

  assert {
    condition     = toset(keys(aws_secretsmanager_secret.by_hand)) == toset(["auth/bootstrap-admin", "auth/master-key", "bus/auth-svc", "bus/gateway", "bus/moderation-svc", "bus/room-svc", "bus/social-svc", "bus/tls"])
    error_message = "The key of the signing keys, the first administrator, a seed for each process, and the certificate of the bus."
  }

  assert {
    condition     = alltrue([for secret in values(aws_secretsmanager_secret.by_hand) : secret.kms_key_id == var.key_arn && secret.recovery_window_in_days == 30])
    error_message = "Encrypted with our own key; what was deleted can be brought back."
  }

  assert {
    condition     = length(output.seed_arns) == 5
    error_message = "Each process finds its seed."
  }
}
