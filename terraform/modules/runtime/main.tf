locals {
  # What each process needs beside the bus. `docs/configuration.md` names the settings.
  needs = {
    gateway        = { postgres = false, valkey = false }
    auth-svc       = { postgres = true, valkey = true }
    moderation-svc = { postgres = true, valkey = true }
    social-svc     = { postgres = true, valkey = true }
    room-svc       = { postgres = true, valkey = false }
  }

  # Without images there is nothing to run: the first apply makes everything else.
  running = { for service, image in var.images : service => merge(local.needs[service], var.sizes[service], { image = image }) }
}

resource "aws_ecs_cluster" "this" {
  name = var.name

  setting {
    name  = "containerInsights"
    value = "enhanced"
  }
}

resource "aws_cloudwatch_log_group" "service" {
  for_each = local.needs

  name              = "/${var.name}/${each.key}"
  retention_in_days = var.log_days
  kms_key_id        = var.logs_key_arn
}

resource "aws_ecs_task_definition" "service" {
  for_each = local.running

  family                   = "${var.name}-${each.key}"
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = each.value.cpu
  memory                   = each.value.memory_mib
  execution_role_arn       = aws_iam_role.execution[each.key].arn
  # No task role: the processes ask nothing of AWS, so they get no credentials for it.
  container_definitions = jsonencode(concat(
    [local.files[each.key]],
    each.value.postgres ? [local.migrate[each.key]] : [],
    [local.service[each.key], local.probe[each.key]],
  ))

  runtime_platform {
    operating_system_family = "LINUX"
    cpu_architecture        = var.architecture
  }

  # In memory of the task, gone with it: the key for the bus and the database's authority.
  volume {
    name = "files"
  }
}

resource "aws_ecs_service" "this" {
  for_each = local.running

  name             = each.key
  cluster          = aws_ecs_cluster.this.id
  task_definition  = aws_ecs_task_definition.service[each.key].arn
  launch_type      = "FARGATE"
  platform_version = "1.4.0"
  desired_count    = each.value.min_tasks

  # New ones first: nobody is without a gateway for a moment.
  deployment_minimum_healthy_percent = 100
  deployment_maximum_percent         = 200
  availability_zone_rebalancing      = "ENABLED"
  health_check_grace_period_seconds  = each.key == "gateway" ? 60 : null
  propagate_tags                     = "SERVICE"
  enable_ecs_managed_tags            = true
  # A port is forwarded through a machine of the bus instead; a shell in these images there is none.
  enable_execute_command = false
  wait_for_steady_state  = true

  # A release whose tasks do not come up is given up, and the one before comes back.
  deployment_circuit_breaker {
    enable   = true
    rollback = true
  }

  network_configuration {
    subnets          = var.subnet_ids
    security_groups  = [aws_security_group.service[each.key].id]
    assign_public_ip = false
  }

  dynamic "load_balancer" {
    for_each = each.key == "gateway" ? [var.target_group_arn] : []

    content {
      target_group_arn = load_balancer.value
      container_name   = each.key
      container_port   = var.container_port
    }
  }

  lifecycle {
    # The autoscaler's business.
    ignore_changes = [desired_count]
  }

  depends_on = [aws_iam_role_policy.execution]
}
