output "url" {
  description = "Where browsers go."
  value       = module.stack.url
}

output "socket_url" {
  description = "Where sockets are opened."
  value       = module.stack.socket_url
}

output "repository_urls" {
  description = "Process => address of its repository, to push to."
  value       = module.stack.repository_urls
}

output "cluster_name" {
  description = "Name of the cluster that processes run in."
  value       = module.stack.cluster_name
}

output "services" {
  description = "Services that run; none before there are images."
  value       = module.stack.services
}

output "roles_task" {
  description = "What `aws ecs run-task` needs to make the roles of the database."
  value       = module.stack.roles_task
}

output "bus_instance_ids" {
  description = "Zone => id of the machine of its server of the bus, through which operators forward ports."
  value       = module.stack.bus_instance_ids
}

output "nat_addresses" {
  description = "Zone => public address by which its processes reach others."
  value       = module.stack.nat_addresses
}

output "dashboard_name" {
  description = "Name of the dashboard in CloudWatch."
  value       = module.stack.dashboard_name
}

output "bus_url" {
  description = "Every server of the bus."
  value       = module.stack.bus_url
}

output "alarm_topic_arn" {
  description = "ARN of the topic that alarms are told to."
  value       = module.stack.alarm_topic_arn
}

output "for_kubernetes" {
  description = "The network, and where the chart's external stores are."
  value       = module.stack.for_kubernetes
}
