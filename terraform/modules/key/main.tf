data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

data "aws_region" "current" {}

locals {
  administration = {
    Sid       = "AccountDecidesByIam"
    Effect    = "Allow"
    Principal = { AWS = "arn:${data.aws_partition.current.partition}:iam::${data.aws_caller_identity.current.account_id}:root" }
    # `*`: without the whole of kms for the account nobody could ever change or delete the key again (AWS refuses less).
    Action = "kms:*"
    # `*`: in a key's own policy this means the key itself; there is no other way to name it.
    Resource = "*"
  }

  encrypt = ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey", "kms:GenerateDataKeyWithoutPlaintext", "kms:ReEncryptFrom", "kms:ReEncryptTo"]

  use = {
    Sid       = "ServicesEncrypt"
    Effect    = "Allow"
    Principal = { Service = var.services }
    Action    = local.encrypt
    # `*`: the key itself, as above.
    Resource = "*"
    # A service acts for this account alone, not for whoever talks it into using the key.
    Condition = { StringEquals = { "aws:SourceAccount" = data.aws_caller_identity.current.account_id } }
  }

  logs = {
    Sid       = "LogsEncrypt"
    Effect    = "Allow"
    Principal = { Service = "logs.${data.aws_region.current.region}.amazonaws.com" }
    Action    = local.encrypt
    # `*`: the key itself, as above.
    Resource = "*"
    # `*`: any log group of this account and region, which is how CloudWatch Logs says for whom it encrypts.
    Condition = { ArnLike = { "kms:EncryptionContext:aws:logs:arn" = "arn:${data.aws_partition.current.partition}:logs:${data.aws_region.current.region}:${data.aws_caller_identity.current.account_id}:*" } }
  }
}

resource "aws_kms_key" "this" {
  description             = var.description
  enable_key_rotation     = true
  deletion_window_in_days = 30

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [local.administration],
      length(var.services) == 0 ? [] : [local.use],
      var.is_for_logs ? [local.logs] : [],
    )
  })
}

resource "aws_kms_alias" "this" {
  name          = "alias/${var.name}"
  target_key_id = aws_kms_key.this.key_id
}
