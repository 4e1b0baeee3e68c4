output "master_key_arn" {
  description = "ARN of the secret with the key that seals the signing keys."
  value       = aws_secretsmanager_secret.by_hand["auth/master-key"].arn
}

output "bootstrap_admin_arn" {
  description = "ARN of the secret with the first administrator."
  value       = aws_secretsmanager_secret.by_hand["auth/bootstrap-admin"].arn
}

output "seed_arns" {
  description = "Process => ARN of the secret with the seed of its key for the bus."
  value       = { for service in var.services : service => aws_secretsmanager_secret.by_hand["bus/${service}"].arn }
}

output "bus_tls_arn" {
  description = "ARN of the secret with the certificate of the servers of the bus."
  value       = aws_secretsmanager_secret.by_hand["bus/tls"].arn
}

output "route_arn" {
  description = "ARN of the secret with the password between the servers of the bus."
  value       = aws_secretsmanager_secret.route.arn
}
