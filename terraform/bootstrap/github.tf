# Workflows prove who they are with a token of GitHub's that lives for minutes; no key of AWS lies anywhere.
resource "aws_iam_openid_connect_provider" "github" {
  url            = "https://token.actions.githubusercontent.com"
  client_id_list = ["sts.amazonaws.com"]
}

data "aws_partition" "current" {}

locals {
  partition = data.aws_partition.current.partition

  # Who may become a role: jobs of this repository in one environment of GitHub, exactly.
  trust = { for environment in setunion(var.environments, [for name in var.environments : "${name}-plan"]) : environment => jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Federated = aws_iam_openid_connect_provider.github.arn }
      Action    = "sts:AssumeRoleWithWebIdentity"
      Condition = {
        StringEquals = {
          "token.actions.githubusercontent.com:aud" = "sts.amazonaws.com"
          "token.actions.githubusercontent.com:sub" = "repo:${var.repository}:environment:${environment}"
        }
      }
    }]
  }) }

  # The state of one environment, its lock, and its plans on their way from whoever made them to whoever approves.
  state = { for environment in var.environments : environment => [
    {
      Effect    = "Allow"
      Action    = "s3:ListBucket"
      Resource  = aws_s3_bucket.state.arn
      Condition = { StringEquals = { "s3:prefix" = "hubbub/${environment}/terraform.tfstate" } }
    },
    {
      Effect   = "Allow"
      Action   = "s3:GetObject"
      Resource = "${aws_s3_bucket.state.arn}/hubbub/${environment}/terraform.tfstate"
    },
    {
      Effect   = "Allow"
      Action   = ["s3:DeleteObject", "s3:GetObject", "s3:PutObject"]
      Resource = "${aws_s3_bucket.state.arn}/hubbub/${environment}/terraform.tfstate.tflock"
    },
    {
      Effect = "Allow"
      Action = ["s3:GetObject", "s3:PutObject"]
      # `*`: a plan's name is the number of the run that made it.
      Resource = "${aws_s3_bucket.state.arn}/plans/${environment}/*"
    },
    {
      Effect   = "Allow"
      Action   = ["kms:Decrypt", "kms:GenerateDataKey"]
      Resource = module.key.arn
    },
  ] }
}

# Reads, and says what would change.
resource "aws_iam_role" "plan" {
  for_each = var.environments

  name               = "hubbub-${each.key}-plan"
  assume_role_policy = local.trust["${each.key}-plan"]
}

resource "aws_iam_role_policy_attachment" "plan" {
  for_each = var.environments

  role       = aws_iam_role.plan[each.key].name
  policy_arn = "arn:${local.partition}:iam::aws:policy/ReadOnlyAccess"
}

resource "aws_iam_role_policy" "plan" {
  for_each = var.environments

  name = "state"
  role = aws_iam_role.plan[each.key].id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(local.state[each.key], [
      {
        # Terraform reads the passwords it made, to see that they are there. Those put in by hand it never reads.
        Effect = "Allow"
        Action = "secretsmanager:GetSecretValue"
        # `*`: AWS ends each ARN of a secret with six letters of its own.
        Resource = [for name in ["postgres/*", "valkey-*", "bus/route-*"] : "arn:${local.partition}:secretsmanager:${var.region}:${var.account_id}:secret:hubbub-${each.key}/${name}"]
      },
      {
        Effect = "Allow"
        Action = "kms:Decrypt"
        # `*`: the environment's key is made after this role; what may be opened with it is said by the condition.
        Resource  = "arn:${local.partition}:kms:${var.region}:${var.account_id}:key/*"
        Condition = { StringEquals = { "kms:ViaService" = "secretsmanager.${var.region}.amazonaws.com" } }
      },
    ])
  })
}

# Changes. Only after the people whom the environment names in GitHub have approved.
resource "aws_iam_role" "apply" {
  for_each = var.environments

  name                 = "hubbub-${each.key}-apply"
  assume_role_policy   = local.trust[each.key]
  max_session_duration = 7200
}

# Making a network, a database or a cluster takes hundreds of actions whose resources have no names yet: AWS offers
# nothing narrower that would still be true with the next version of a provider. So the fence is who may become this
# role, above, and that it cannot make itself or anybody else more powerful, below.
resource "aws_iam_role_policy_attachment" "apply" {
  for_each = var.environments

  role       = aws_iam_role.apply[each.key].name
  policy_arn = "arn:${local.partition}:iam::aws:policy/PowerUserAccess"
}

resource "aws_iam_role_policy" "apply" {
  for_each = var.environments

  name = "roles"
  role = aws_iam_role.apply[each.key].id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(local.state[each.key], [
      {
        Effect   = "Allow"
        Action   = "s3:PutObject"
        Resource = "${aws_s3_bucket.state.arn}/hubbub/${each.key}/terraform.tfstate"
      },
      {
        Sid    = "RolesWithinTheBoundary"
        Effect = "Allow"
        Action = ["iam:AttachRolePolicy", "iam:CreateRole", "iam:DeleteRolePolicy", "iam:DetachRolePolicy", "iam:PutRolePermissionsBoundary", "iam:PutRolePolicy"]
        # `*`: roles of this environment and no others.
        Resource  = "arn:${local.partition}:iam::${var.account_id}:role/hubbub-${each.key}-*"
        Condition = { StringEquals = { "iam:PermissionsBoundary" = aws_iam_policy.boundary.arn } }
      },
      {
        Sid    = "RolesOfThisEnvironment"
        Effect = "Allow"
        Action = [
          "iam:AddRoleToInstanceProfile", "iam:CreateInstanceProfile", "iam:DeleteInstanceProfile", "iam:DeleteRole", "iam:GetInstanceProfile", "iam:GetRole",
          "iam:GetRolePolicy", "iam:ListAttachedRolePolicies", "iam:ListInstanceProfilesForRole", "iam:ListRolePolicies", "iam:PassRole",
          "iam:RemoveRoleFromInstanceProfile", "iam:TagInstanceProfile", "iam:TagRole", "iam:UntagRole", "iam:UpdateAssumeRolePolicy",
        ]
        # `*`: roles and profiles of this environment and no others.
        Resource = [for kind in ["role", "instance-profile"] : "arn:${local.partition}:iam::${var.account_id}:${kind}/hubbub-${each.key}-*"]
      },
      {
        Sid    = "NotWhatPeopleMade"
        Effect = "Deny"
        Action = "secretsmanager:GetSecretValue"
        # `*`: AWS ends each ARN of a secret with six letters of its own.
        Resource = [for name in ["auth/*", "bus/auth-svc-*", "bus/gateway-*", "bus/moderation-svc-*", "bus/room-svc-*", "bus/social-svc-*"] :
          "arn:${local.partition}:secretsmanager:${var.region}:${var.account_id}:secret:hubbub-${each.key}/${name}"
        ]
      },
      {
        Sid    = "NotItsOwn"
        Effect = "Deny"
        # `*`: a refusal: neither of the roles that deploy is changed by a deployment.
        Action   = "iam:*"
        Resource = [aws_iam_role.plan[each.key].arn, "arn:${local.partition}:iam::${var.account_id}:role/hubbub-${each.key}-apply", aws_iam_policy.boundary.arn]
      },
    ])
  })
}

# What no role of the product ever needs more than, whatever somebody attaches to it.
resource "aws_iam_policy" "boundary" {
  name        = "hubbub-boundary"
  description = "The most that roles of the product may do"

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid    = "AtMost"
        Effect = "Allow"
        Action = [
          "ec2messages:AcknowledgeMessage", "ec2messages:DeleteMessage", "ec2messages:FailMessage", "ec2messages:GetEndpoint", "ec2messages:GetMessages", "ec2messages:SendReply",
          "ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetAuthorizationToken", "ecr:GetDownloadUrlForLayer",
          "kms:Decrypt",
          "logs:CreateLogGroup", "logs:CreateLogStream", "logs:DescribeLogGroups", "logs:DescribeLogStreams", "logs:PutLogEvents", "logs:PutRetentionPolicy",
          "s3:GetObject",
          "secretsmanager:GetSecretValue",
          "ssm:DescribeDocument", "ssm:GetDeployablePatchSnapshotForInstance", "ssm:GetDocument", "ssm:GetManifest", "ssm:ListAssociations", "ssm:ListInstanceAssociations", "ssm:PutComplianceItems",
          "ssm:PutConfigurePackageResult", "ssm:PutInventory", "ssm:UpdateAssociationStatus", "ssm:UpdateInstanceAssociationStatus", "ssm:UpdateInstanceInformation",
          "ssmmessages:CreateControlChannel", "ssmmessages:CreateDataChannel", "ssmmessages:OpenControlChannel", "ssmmessages:OpenDataChannel",
        ]
        # `*`: a boundary gives nothing; each role's own policy says which of them.
        Resource = "*"
      },
    ]
  })
}
