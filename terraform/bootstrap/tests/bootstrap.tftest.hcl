mock_provider "aws" {
  source = "../tests/aws"
}

variables {
  account_id = "111122223333"
  region     = "eu-central-1"
  repository = "hubbub-chat/hubbub"
}

run "states_are_kept_encrypted_and_never_public" {
  command = apply

  assert {
    condition     = aws_s3_bucket_versioning.state.versioning_configuration[0].status == "Enabled"
    error_message = "Every state there ever was."
  }

  assert {
    condition     = one(aws_s3_bucket_server_side_encryption_configuration.state.rule).apply_server_side_encryption_by_default[0].sse_algorithm == "aws:kms"
    error_message = "Encrypted with our own key."
  }

  assert {
    condition     = aws_s3_bucket_public_access_block.state.restrict_public_buckets && aws_s3_bucket_public_access_block.state.block_public_policy
    error_message = "Nobody can open it by mistake."
  }
}

run "one_repository_in_one_environment_may_deploy" {
  command = apply

  assert {
    condition     = jsondecode(aws_iam_role.apply["prod"].assume_role_policy).Statement[0].Condition.StringEquals["token.actions.githubusercontent.com:sub"] == "repo:hubbub-chat/hubbub:environment:prod"
    error_message = "Exactly this repository and environment, without a pattern."
  }

  assert {
    condition     = jsondecode(aws_iam_role.plan["prod"].assume_role_policy).Statement[0].Condition.StringEquals["token.actions.githubusercontent.com:sub"] == "repo:hubbub-chat/hubbub:environment:prod-plan"
    error_message = "Whoever plans needs nobody's approval, and is somebody else."
  }

  assert {
    condition = length([for statement in jsondecode(aws_iam_role_policy.plan["prod"].policy).Statement : statement
      if contains(flatten([statement.Action]), "s3:PutObject") && contains(flatten([statement.Resource]), "arn:aws:s3:::mock/hubbub/prod/terraform.tfstate")
    ]) == 0
    error_message = "Who plans writes no state."
  }
}

run "no_role_can_make_a_more_powerful_one" {
  command = apply

  assert {
    condition = length([for statement in jsondecode(aws_iam_role_policy.apply["prod"].policy).Statement : statement
      if statement.Effect == "Allow" && try(contains(statement.Action, "iam:CreateRole"), false) && try(statement.Condition.StringEquals["iam:PermissionsBoundary"], "") == aws_iam_policy.boundary.arn
    ]) == 1
    error_message = "Roles are made within the boundary only."
  }

  assert {
    condition = length([for statement in jsondecode(aws_iam_role_policy.apply["prod"].policy).Statement : statement
      if statement.Effect == "Deny" && try(contains(statement.Resource, aws_iam_policy.boundary.arn), false)
    ]) == 1
    error_message = "And the boundary stays as it is."
  }
}

run "a_pattern_in_place_of_a_repository_is_refused" {
  command = plan

  variables {
    repository = "hubbub-chat/*"
  }

  expect_failures = [var.repository]
}
