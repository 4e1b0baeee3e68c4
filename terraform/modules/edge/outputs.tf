output "url" {
  description = "Where browsers go."
  value       = "https://${var.host_name}"
}

output "socket_url" {
  description = "Where sockets are opened."
  value       = "wss://${var.host_name}/v1/rt"
}

output "security_group_id" {
  description = "Security group of the load balancer."
  value       = aws_security_group.this.id
}

output "target_group_arn" {
  description = "ARN of the group that gateways join. It can be used once a listener leads to it."
  value       = aws_lb_target_group.gateway.arn

  depends_on = [aws_lb_listener.tls]
}

output "load_balancer_suffix" {
  description = "The load balancer, as metrics name it."
  value       = aws_lb.this.arn_suffix
}

output "target_group_suffix" {
  description = "The group of gateways, as metrics name it."
  value       = aws_lb_target_group.gateway.arn_suffix
}
