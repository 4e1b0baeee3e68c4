mock_provider "aws" {
  source = "../../tests/aws"
}

variables {
  name                    = "hubbub-test"
  vpc_id                  = "vpc-0123456789abcdef0"
  subnet_ids              = ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"]
  key_arn                 = "arn:aws:kms:eu-central-1:111122223333:key/11111111-2222-3333-4444-555555555555"
  logs_key_arn            = "arn:aws:kms:eu-central-1:111122223333:key/11111111-2222-3333-4444-666666666666"
  log_days                = 90
  is_multi_az             = true
  is_protected            = true
  postgres_major          = "17"
  postgres_instance_class = "db.r8g.large"
  postgres_storage_gib    = 100
  postgres_ca_path        = "/run/hubbub/rds.pem"
  backup_days             = 14
  valkey_node_type        = "cache.r7g.large"
}

run "postgres_survives_a_zone_and_is_encrypted" {
  command = plan

  assert {
    condition     = aws_db_instance.this.multi_az && aws_db_instance.this.storage_encrypted && aws_db_instance.this.kms_key_id == var.key_arn
    error_message = "Multi-AZ, encrypted with our own key."
  }

  assert {
    condition     = aws_db_instance.this.deletion_protection && !aws_db_instance.this.skip_final_snapshot && aws_db_instance.this.backup_retention_period == 14
    error_message = "Kept, and backed up."
  }

  assert {
    condition     = !aws_db_instance.this.publicly_accessible && aws_db_instance.this.manage_master_user_password
    error_message = "Not reachable from outside; nobody chose the master's password."
  }

  assert {
    condition     = contains([for parameter in aws_db_parameter_group.this.parameter : "${parameter.name}=${parameter.value}"], "rds.force_ssl=1")
    error_message = "Nobody speaks to it in clear."
  }
}

run "valkey_speaks_tls_alone_and_is_encrypted" {
  command = plan

  assert {
    condition     = aws_elasticache_replication_group.this.engine == "valkey" && aws_elasticache_replication_group.this.transit_encryption_enabled && aws_elasticache_replication_group.this.transit_encryption_mode == "required"
    error_message = "TLS is required."
  }

  assert {
    # A text to the provider, as it was a bool once.
    condition     = tostring(aws_elasticache_replication_group.this.at_rest_encryption_enabled) == "true" && aws_elasticache_replication_group.this.kms_key_id == var.key_arn
    error_message = "Encrypted with our own key."
  }

  assert {
    condition     = aws_elasticache_replication_group.this.automatic_failover_enabled && aws_elasticache_replication_group.this.multi_az_enabled && aws_elasticache_replication_group.this.num_cache_clusters == 2
    error_message = "A standby in another zone."
  }
}

run "each_service_has_a_login_of_its_own" {
  command = apply

  assert {
    condition     = toset(keys(aws_secretsmanager_secret.role)) == toset(["owner", "auth-svc", "moderation-svc", "social-svc", "room-svc"])
    error_message = "The owner and the four services with a database."
  }

  assert {
    condition     = alltrue([for secret in concat(values(aws_secretsmanager_secret.role), [aws_secretsmanager_secret.valkey]) : secret.kms_key_id == var.key_arn])
    error_message = "Encrypted with our own key."
  }

  assert {
    condition     = alltrue([for version in concat(values(aws_secretsmanager_secret_version.role), [aws_secretsmanager_secret_version.valkey]) : version.secret_string == null || version.secret_string == ""])
    error_message = "No password in the state."
  }
}

run "one_subnet_is_refused" {
  command = plan

  variables {
    subnet_ids = ["subnet-0123456789abcdef0"]
  }

  expect_failures = [var.subnet_ids]
}

run "an_old_postgres_is_refused" {
  command = plan

  variables {
    postgres_major = "14"
  }

  expect_failures = [var.postgres_major]
}
