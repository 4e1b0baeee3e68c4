# A password for each role. It is made when it is written and handed on at once: the state never sees it.
ephemeral "random_password" "role" {
  for_each = local.roles

  length = 40
  # It stands in a URL.
  special = false
}

resource "aws_secretsmanager_secret" "role" {
  for_each = local.roles

  name                    = "${var.name}/postgres/${each.key}"
  description             = "How ${each.value} logs in to Postgres"
  kms_key_id              = var.key_arn
  recovery_window_in_days = var.is_protected ? 30 : 0
}

resource "aws_secretsmanager_secret_version" "role" {
  for_each = local.roles

  secret_id = aws_secretsmanager_secret.role[each.key].id
  secret_string_wo = jsonencode({
    username = each.value
    password = ephemeral.random_password.role[each.key].result
    url      = "postgres://${each.value}:${ephemeral.random_password.role[each.key].result}@${aws_db_instance.this.address}:${aws_db_instance.this.port}/${local.database}?sslmode=verify-full&sslrootcert=${var.postgres_ca_path}"
  })
  # Count it up for new passwords; then run the task that makes the roles, and restart the services.
  secret_string_wo_version = var.password_version
}
