# ECS fetches a task's image, secrets and log streams as this; no container can use it.
resource "aws_iam_role" "execution" {
  for_each = local.needs

  name                 = "${var.name}-${each.key}-execution"
  permissions_boundary = var.permissions_boundary_arn
  assume_role_policy   = local.assumed_by_tasks
}

resource "aws_iam_role_policy" "execution" {
  for_each = local.needs

  name = "start"
  role = aws_iam_role.execution[each.key].id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(local.start, [
      {
        Sid      = "ItsImage"
        Effect   = "Allow"
        Action   = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
        Resource = var.repository_arns[each.key]
      },
      {
        Sid      = "ItsSecrets"
        Effect   = "Allow"
        Action   = "secretsmanager:GetSecretValue"
        Resource = local.readable[each.key]
      },
      {
        Sid    = "ItsLog"
        Effect = "Allow"
        Action = ["logs:CreateLogStream", "logs:PutLogEvents"]
        # `*`: the streams of its own group, which are named by tasks.
        Resource = "${aws_cloudwatch_log_group.service[each.key].arn}:*"
      },
    ])
  })
}

locals {
  assumed_by_tasks = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "ecs-tasks.amazonaws.com" }
      Action    = "sts:AssumeRole"
      # ECS acts for this account alone.
      Condition = { StringEquals = { "aws:SourceAccount" = data.aws_caller_identity.current.account_id } }
    }]
  })

  start = [
    {
      Sid    = "LogInToRegistry"
      Effect = "Allow"
      Action = "ecr:GetAuthorizationToken"
      # `*`: this call knows no resource; what may be pulled is said below.
      Resource = "*"
    },
    {
      Sid      = "OpenSecrets"
      Effect   = "Allow"
      Action   = "kms:Decrypt"
      Resource = var.key_arn
      # The key opens stores and disks, too; here it opens secrets alone.
      Condition = { StringEquals = { "kms:ViaService" = "secretsmanager.${var.region}.amazonaws.com" } }
    },
  ]
}

data "aws_caller_identity" "current" {}
