output "cluster_name" {
  description = "Name of the cluster."
  value       = aws_ecs_cluster.this.name
}

output "services" {
  description = "Services that run."
  value       = [for service in aws_ecs_service.this : service.name]
}

output "log_group_names" {
  description = "Process => name of its log group."
  value       = { for service, group in aws_cloudwatch_log_group.service : service => group.name }
}

output "roles_task" {
  description = "What `aws ecs run-task` needs to make the roles of the database."
  value = {
    task_definition   = aws_ecs_task_definition.roles.family
    security_group_id = aws_security_group.roles.id
    subnet_ids        = var.subnet_ids
  }
}
