mock_provider "aws" {
  source = "../../tests/aws"
}

variables {
  name        = "hubbub-test/logs"
  description = "Logs of a test"
  services    = ["cloudwatch.amazonaws.com"]
  is_for_logs = true
}

run "keys_turn_and_serve_this_account_alone" {
  command = apply

  assert {
    condition     = aws_kms_key.this.enable_key_rotation
    error_message = "The key is renewed every year."
  }

  assert {
    condition = alltrue([for statement in jsondecode(aws_kms_key.this.policy).Statement :
      contains(keys(statement.Principal), "AWS") ? statement.Principal.AWS == "arn:aws:iam::111122223333:root" : can(statement.Condition)
    ])
    error_message = "The account decides; a service uses it under a condition only."
  }
}

run "without_services_nobody_else_is_named" {
  command = apply

  variables {
    services    = []
    is_for_logs = false
  }

  assert {
    condition     = length(jsondecode(aws_kms_key.this.policy).Statement) == 1
    error_message = "The account alone."
  }
}
