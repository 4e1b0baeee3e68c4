resource "aws_security_group" "service" {
  for_each = local.needs

  name        = "${var.name}-${each.key}"
  description = "${each.key}: what it needs and nobody else"
  vpc_id      = var.vpc_id
}

# Where one process may go: images, secrets and logs over TLS, and the stores it uses.
resource "aws_vpc_security_group_egress_rule" "https" {
  for_each = local.needs

  security_group_id = aws_security_group.service[each.key].id
  description       = "Registry, Secrets Manager, CloudWatch"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
  cidr_ipv4         = "0.0.0.0/0"
}

resource "aws_vpc_security_group_egress_rule" "bus" {
  for_each = local.needs

  security_group_id            = aws_security_group.service[each.key].id
  description                  = "The bus"
  ip_protocol                  = "tcp"
  from_port                    = var.bus_port
  to_port                      = var.bus_port
  referenced_security_group_id = var.bus_security_group_id
}

resource "aws_vpc_security_group_ingress_rule" "bus" {
  for_each = local.needs

  security_group_id            = var.bus_security_group_id
  description                  = each.key
  ip_protocol                  = "tcp"
  from_port                    = var.bus_port
  to_port                      = var.bus_port
  referenced_security_group_id = aws_security_group.service[each.key].id
}

locals {
  # Who uses which store. `roles` is the task that makes the logins.
  postgres_users = merge(
    { for service, needs in local.needs : service => aws_security_group.service[service].id if needs.postgres },
    { roles = aws_security_group.roles.id },
  )
  valkey_users = { for service, needs in local.needs : service => aws_security_group.service[service].id if needs.valkey }
}

resource "aws_vpc_security_group_egress_rule" "postgres" {
  for_each = local.postgres_users

  security_group_id            = each.value
  description                  = "Postgres"
  ip_protocol                  = "tcp"
  from_port                    = var.postgres.port
  to_port                      = var.postgres.port
  referenced_security_group_id = var.postgres.security_group_id
}

resource "aws_vpc_security_group_ingress_rule" "postgres" {
  for_each = local.postgres_users

  security_group_id            = var.postgres.security_group_id
  description                  = each.key
  ip_protocol                  = "tcp"
  from_port                    = var.postgres.port
  to_port                      = var.postgres.port
  referenced_security_group_id = each.value
}

resource "aws_vpc_security_group_egress_rule" "valkey" {
  for_each = local.valkey_users

  security_group_id            = each.value
  description                  = "Valkey"
  ip_protocol                  = "tcp"
  from_port                    = var.valkey.port
  to_port                      = var.valkey.port
  referenced_security_group_id = var.valkey.security_group_id
}

resource "aws_vpc_security_group_ingress_rule" "valkey" {
  for_each = local.valkey_users

  security_group_id            = var.valkey.security_group_id
  description                  = each.key
  ip_protocol                  = "tcp"
  from_port                    = var.valkey.port
  to_port                      = var.valkey.port
  referenced_security_group_id = each.value
}

# The load balancer reaches gateways: clients at one port, `/readyz` at the other.
resource "aws_vpc_security_group_ingress_rule" "balancer" {
  for_each = { clients = var.container_port, health = var.health_port }

  security_group_id            = aws_security_group.service["gateway"].id
  description                  = "The load balancer: ${each.key}"
  ip_protocol                  = "tcp"
  from_port                    = each.value
  to_port                      = each.value
  referenced_security_group_id = var.balancer_security_group_id
}

resource "aws_vpc_security_group_egress_rule" "balancer" {
  for_each = { clients = var.container_port, health = var.health_port }

  security_group_id            = var.balancer_security_group_id
  description                  = "Gateways: ${each.key}"
  ip_protocol                  = "tcp"
  from_port                    = each.value
  to_port                      = each.value
  referenced_security_group_id = aws_security_group.service["gateway"].id
}

# Operators forward the gRPC port of a service through a machine of the bus with Session Manager; a token is asked there.
resource "aws_vpc_security_group_ingress_rule" "operator" {
  for_each = { for service, needs in local.needs : service => aws_security_group.service[service].id if service != "gateway" }

  security_group_id            = each.value
  description                  = "Operators, through the machines of the bus"
  ip_protocol                  = "tcp"
  from_port                    = var.grpc_port
  to_port                      = var.grpc_port
  referenced_security_group_id = var.bus_security_group_id
}

resource "aws_vpc_security_group_egress_rule" "operator" {
  for_each = { for service, needs in local.needs : service => aws_security_group.service[service].id if service != "gateway" }

  security_group_id            = var.bus_security_group_id
  description                  = "Operators, to ${each.key}"
  ip_protocol                  = "tcp"
  from_port                    = var.grpc_port
  to_port                      = var.grpc_port
  referenced_security_group_id = each.value
}

resource "aws_vpc_security_group_egress_rule" "telemetry" {
  for_each = var.otlp_endpoint == "" ? {} : local.needs

  security_group_id = aws_security_group.service[each.key].id
  description       = "Traces, to a collector in the network"
  ip_protocol       = "tcp"
  from_port         = 4317
  to_port           = 4317
  cidr_ipv4         = var.vpc_cidr
}
