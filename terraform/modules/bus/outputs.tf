output "url" {
  description = "Every server of the bus, as `nats.url` wants them."
  value       = join(",", [for zone in local.zones : "tls://${local.hosts[zone]}:${var.client_port}"])
}

output "client_port" {
  description = "Port for the processes of the product."
  value       = var.client_port
}

output "security_group_id" {
  description = "Security group of the servers."
  value       = aws_security_group.this.id
}

output "instance_ids" {
  description = "Zone => id of the machine of its server."
  value       = { for zone, instance in aws_instance.this : zone => instance.id }
}
