output "url" {
  description = "Where browsers go."
  value       = module.edge.url
}

output "socket_url" {
  description = "Where sockets are opened."
  value       = module.edge.socket_url
}

output "repository_urls" {
  description = "Process => address of its repository, to push to."
  value       = module.registry.repository_urls
}

output "cluster_name" {
  description = "Name of the cluster that processes run in."
  value       = module.runtime.cluster_name
}

output "services" {
  description = "Services that run; none before there are images."
  value       = module.runtime.services
}

output "roles_task" {
  description = "What `aws ecs run-task` needs to make the roles of the database."
  value       = module.runtime.roles_task
}

output "bus_url" {
  description = "Every server of the bus."
  value       = module.bus.url
}

output "bus_instance_ids" {
  description = "Zone => id of the machine of its server of the bus, through which operators forward ports."
  value       = module.bus.instance_ids
}

output "nat_addresses" {
  description = "Zone => public address by which its processes reach others."
  value       = module.network.nat_addresses
}

output "alarm_topic_arn" {
  description = "ARN of the topic that alarms are told to."
  value       = module.observability.alarm_topic_arn
}

output "dashboard_name" {
  description = "Name of the dashboard in CloudWatch."
  value       = module.observability.dashboard_name
}

# For Kubernetes in the same network, with the chart in place of ECS (docs/deploy-aws.md).
output "for_kubernetes" {
  description = "The network, and where the chart's external stores are."
  value = {
    vpc_id            = module.network.vpc_id
    private_subnets   = module.network.private_subnets
    balancer_cidrs    = module.network.public_cidrs
    security_groups   = { bus = module.bus.security_group_id, postgres = module.data.postgres.security_group_id, valkey = module.data.valkey.security_group_id }
    role_secret_arns  = module.data.role_secret_arns
    valkey_secret_arn = module.data.valkey.secret_arn
  }
}
