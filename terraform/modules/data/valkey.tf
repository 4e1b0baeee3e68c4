resource "aws_elasticache_subnet_group" "this" {
  name       = var.name
  subnet_ids = var.subnet_ids
}

resource "aws_security_group" "valkey" {
  name        = "${var.name}-valkey"
  description = "Valkey: the services that keep sessions and presence in it"
  vpc_id      = var.vpc_id
}

resource "aws_elasticache_parameter_group" "this" {
  name   = "${var.name}-valkey${var.valkey_major}"
  family = "valkey${var.valkey_major}"

  # Everything in it can be made again, and has a time to live: what is full forgets the oldest and goes on.
  parameter {
    name  = "maxmemory-policy"
    value = "allkeys-lru"
  }
}

ephemeral "random_password" "valkey" {
  length  = 64
  special = false
}

resource "aws_elasticache_replication_group" "this" {
  replication_group_id = var.name
  description          = "Sessions, presence and the registry of connections of ${var.name}; may be emptied at any time"
  engine               = "valkey"
  engine_version       = var.valkey_version
  node_type            = var.valkey_node_type
  port                 = 6379

  num_cache_clusters         = var.is_multi_az ? 2 : 1
  automatic_failover_enabled = var.is_multi_az
  multi_az_enabled           = var.is_multi_az

  subnet_group_name    = aws_elasticache_subnet_group.this.name
  security_group_ids   = [aws_security_group.valkey.id]
  parameter_group_name = aws_elasticache_parameter_group.this.name

  at_rest_encryption_enabled = true
  kms_key_id                 = var.key_arn
  transit_encryption_enabled = true
  transit_encryption_mode    = "required"
  auth_token_wo              = ephemeral.random_password.valkey.result
  auth_token_wo_version      = var.password_version
  auth_token_update_strategy = "SET"

  # Nothing here is worth a backup.
  snapshot_retention_limit   = 0
  auto_minor_version_upgrade = true
  maintenance_window         = "sun:05:00-sun:06:00"
  apply_immediately          = false

  log_delivery_configuration {
    destination      = aws_cloudwatch_log_group.valkey.name
    destination_type = "cloudwatch-logs"
    log_format       = "json"
    log_type         = "slow-log"
  }
}

resource "aws_cloudwatch_log_group" "valkey" {
  name              = "/${var.name}/valkey"
  retention_in_days = var.log_days
  kms_key_id        = var.logs_key_arn
}

resource "aws_secretsmanager_secret" "valkey" {
  name                    = "${var.name}/valkey"
  description             = "Where Valkey is, and its token"
  kms_key_id              = var.key_arn
  recovery_window_in_days = var.is_protected ? 30 : 0
}

resource "aws_secretsmanager_secret_version" "valkey" {
  secret_id = aws_secretsmanager_secret.valkey.id
  secret_string_wo = jsonencode({
    url = "rediss://:${ephemeral.random_password.valkey.result}@${aws_elasticache_replication_group.this.primary_endpoint_address}:${aws_elasticache_replication_group.this.port}"
  })
  secret_string_wo_version = var.password_version
}
