output "postgres" {
  description = "The database: its identifier, address, port, name, security group and the secret of its master."
  value = {
    identifier        = aws_db_instance.this.identifier
    address           = aws_db_instance.this.address
    port              = 5432
    database          = local.database
    security_group_id = aws_security_group.postgres.id
    master_secret_arn = aws_db_instance.this.master_user_secret[0].secret_arn
  }
}

output "role_secret_arns" {
  description = "Who logs in (`owner` or a service) => ARN of its secret: JSON with `username`, `password` and `url`."
  value       = { for login, secret in aws_secretsmanager_secret.role : login => secret.arn }
}

output "valkey" {
  description = "Valkey: its identifier, port, security group, and the secret with `url`."
  value = {
    identifier        = aws_elasticache_replication_group.this.replication_group_id
    port              = 6379
    security_group_id = aws_security_group.valkey.id
    secret_arn        = aws_secretsmanager_secret.valkey.arn
  }
}
