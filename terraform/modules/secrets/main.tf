locals {
  # What only people can make: their values are put in by hand (docs/deploy-aws.md), and no state ever holds them.
  by_hand = merge(
    {
      "auth/master-key"      = "32 bytes in base64 that seal the private signing keys"
      "auth/bootstrap-admin" = "The first administrator, as name:password"
      "bus/tls"              = "Certificate of the servers of the bus, its key, and who vouches for it"
    },
    { for service in var.services : "bus/${service}" => "Seed of the key by which ${service} enters the bus" },
  )
}

resource "aws_secretsmanager_secret" "by_hand" {
  for_each = local.by_hand

  name                    = "${var.name}/${each.key}"
  description             = each.value
  kms_key_id              = var.key_arn
  recovery_window_in_days = var.recovery_days
}

# Servers of the bus prove to each other with it that they belong together.
ephemeral "random_password" "route" {
  length = 48
  # It stands in a URL.
  special = false
}

resource "aws_secretsmanager_secret" "route" {
  name                    = "${var.name}/bus/route"
  description             = "Password between the servers of the bus"
  kms_key_id              = var.key_arn
  recovery_window_in_days = var.recovery_days
}

resource "aws_secretsmanager_secret_version" "route" {
  secret_id                = aws_secretsmanager_secret.route.id
  secret_string_wo         = ephemeral.random_password.route.result
  secret_string_wo_version = 1
}
