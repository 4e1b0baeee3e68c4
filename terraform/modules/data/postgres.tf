locals {
  # Who logs in => the role it logs in as (proto/src/database/logins.rs). The owner migrates; nobody serves as it.
  roles = {
    owner          = "hubbub_owner"
    auth-svc       = "auth_svc"
    moderation-svc = "moderation_svc"
    social-svc     = "social_svc"
    room-svc       = "room_svc"
  }
  database = "hubbub"
}

resource "aws_db_subnet_group" "this" {
  name       = var.name
  subnet_ids = var.subnet_ids
}

# Rules are made where the processes are: whoever may come in is named there, and nobody by an address.
resource "aws_security_group" "postgres" {
  name        = "${var.name}-postgres"
  description = "Postgres: the services and the task that makes their roles"
  vpc_id      = var.vpc_id
}

resource "aws_db_parameter_group" "this" {
  name_prefix = "${var.name}-"
  family      = "postgres${var.postgres_major}"

  # Nobody speaks to it in clear, whatever a client would be content with.
  parameter {
    name  = "rds.force_ssl"
    value = "1"
  }

  # What took longer than a quarter of a second is written down with its text; values are parameters and stay out.
  parameter {
    name  = "log_min_duration_statement"
    value = "250"
  }

  parameter {
    name  = "log_parameter_max_length"
    value = "0"
  }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_iam_role" "monitoring" {
  name                 = "${var.name}-rds-monitoring"
  permissions_boundary = var.permissions_boundary_arn

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "monitoring.rds.amazonaws.com" }
      Action    = "sts:AssumeRole"
    }]
  })
}

resource "aws_iam_role_policy_attachment" "monitoring" {
  role       = aws_iam_role.monitoring.name
  policy_arn = "arn:${data.aws_partition.current.partition}:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole"
}

data "aws_partition" "current" {}

resource "aws_db_instance" "this" {
  identifier     = var.name
  engine         = "postgres"
  engine_version = var.postgres_major
  instance_class = var.postgres_instance_class
  db_name        = local.database

  # A synchronous standby in another zone: what was acknowledged survives the loss of a zone.
  multi_az                  = var.is_multi_az
  db_subnet_group_name      = aws_db_subnet_group.this.name
  vpc_security_group_ids    = [aws_security_group.postgres.id]
  publicly_accessible       = false
  ca_cert_identifier        = var.postgres_ca
  parameter_group_name      = aws_db_parameter_group.this.name
  allocated_storage         = var.postgres_storage_gib
  max_allocated_storage     = var.postgres_storage_gib * 4
  storage_type              = "gp3"
  storage_encrypted         = true
  kms_key_id                = var.key_arn
  backup_retention_period   = var.backup_days
  copy_tags_to_snapshot     = true
  deletion_protection       = var.is_protected
  skip_final_snapshot       = !var.is_protected
  final_snapshot_identifier = var.is_protected ? "${var.name}-last" : null
  # Minor versions come by themselves, in the window; the major one is a decision.
  auto_minor_version_upgrade = true
  maintenance_window         = "sun:03:30-sun:04:30"
  backup_window              = "02:00-03:00"

  # RDS makes the master's password, keeps it in Secrets Manager and renews it: it is in no state and in no file.
  username                      = "hubbub_master"
  manage_master_user_password   = true
  master_user_secret_kms_key_id = var.key_arn

  performance_insights_enabled    = true
  performance_insights_kms_key_id = var.key_arn
  monitoring_interval             = 60
  monitoring_role_arn             = aws_iam_role.monitoring.arn
  enabled_cloudwatch_logs_exports = ["postgresql", "upgrade"]

  # RDS writes to a group of this name, and would make one that is not encrypted and keeps everything for ever.
  depends_on = [aws_cloudwatch_log_group.postgres]
}

resource "aws_cloudwatch_log_group" "postgres" {
  for_each = toset(["postgresql", "upgrade"])

  name              = "/aws/rds/instance/${var.name}/${each.key}"
  retention_in_days = var.log_days
  kms_key_id        = var.logs_key_arn
}
