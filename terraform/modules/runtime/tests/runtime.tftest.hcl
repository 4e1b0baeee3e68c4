mock_provider "aws" {
  source = "../../tests/aws"
}

variables {
  name          = "hubbub-test"
  region        = "eu-central-1"
  vpc_id        = "vpc-0123456789abcdef0"
  vpc_cidr      = "10.30.0.0/16"
  subnet_ids    = ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"]
  toolbox_image = "public.ecr.aws/docker/library/busybox@sha256:0000000000000000000000000000000000000000000000000000000000000000"
  psql_image    = "public.ecr.aws/docker/library/postgres@sha256:0000000000000000000000000000000000000000000000000000000000000000"
  architecture  = "ARM64"
  images = {
    auth-svc       = "111122223333.dkr.ecr.eu-central-1.amazonaws.com/hubbub-test/auth-svc@sha256:0000000000000000000000000000000000000000000000000000000000000000"
    gateway        = "111122223333.dkr.ecr.eu-central-1.amazonaws.com/hubbub-test/gateway@sha256:0000000000000000000000000000000000000000000000000000000000000000"
    moderation-svc = "111122223333.dkr.ecr.eu-central-1.amazonaws.com/hubbub-test/moderation-svc@sha256:0000000000000000000000000000000000000000000000000000000000000000"
    room-svc       = "111122223333.dkr.ecr.eu-central-1.amazonaws.com/hubbub-test/room-svc@sha256:0000000000000000000000000000000000000000000000000000000000000000"
    social-svc     = "111122223333.dkr.ecr.eu-central-1.amazonaws.com/hubbub-test/social-svc@sha256:0000000000000000000000000000000000000000000000000000000000000000"
  }
  sizes = {
    auth-svc       = { cpu = 1024, memory_mib = 2048, min_tasks = 2, max_tasks = 10 }
    gateway        = { cpu = 2048, memory_mib = 4096, min_tasks = 3, max_tasks = 20 }
    moderation-svc = { cpu = 512, memory_mib = 1024, min_tasks = 2, max_tasks = 10 }
    room-svc       = { cpu = 1024, memory_mib = 2048, min_tasks = 2, max_tasks = 10 }
    social-svc     = { cpu = 512, memory_mib = 1024, min_tasks = 2, max_tasks = 10 }
  }
  heartbeat_seconds = 25
  container_port    = 80
  health_port       = 9090
  origins           = ["https://chat.example.org"]
  log_days          = 90
  logs_key_arn      = "arn:aws:kms:eu-central-1:111122223333:key/11111111-2222-3333-4444-666666666666"
  key_arn           = "arn:aws:kms:eu-central-1:111122223333:key/11111111-2222-3333-4444-555555555555"
  repository_arns = {
    auth-svc       = "arn:aws:ecr:eu-central-1:111122223333:repository/hubbub-test/auth-svc"
    gateway        = "arn:aws:ecr:eu-central-1:111122223333:repository/hubbub-test/gateway"
    moderation-svc = "arn:aws:ecr:eu-central-1:111122223333:repository/hubbub-test/moderation-svc"
    room-svc       = "arn:aws:ecr:eu-central-1:111122223333:repository/hubbub-test/room-svc"
    social-svc     = "arn:aws:ecr:eu-central-1:111122223333:repository/hubbub-test/social-svc"
  }
  seed_arns = {
    auth-svc       = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:seed-auth-svc"
    gateway        = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:seed-gateway"
    moderation-svc = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:seed-moderation-svc"
    room-svc       = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:seed-room-svc"
    social-svc     = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:seed-social-svc"
  }
  role_secret_arns = {
    owner          = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:role-owner"
    auth-svc       = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:role-auth-svc"
    moderation-svc = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:role-moderation-svc"
    room-svc       = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:role-room-svc"
    social-svc     = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:role-social-svc"
  }
  master_key_arn      = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:master-key"
  bootstrap_admin_arn = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:bootstrap-admin"
  postgres = {
    address           = "hubbub.abcdefgh.eu-central-1.rds.amazonaws.com"
    port              = 5432
    database          = "hubbub"
    security_group_id = "sg-postgres"
    master_secret_arn = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:rds-master"
  }
  postgres_ca_pem            = "-----BEGIN CERTIFICATE-----"
  postgres_ca_path           = "/run/hubbub/rds.pem"
  valkey                     = { port = 6379, security_group_id = "sg-valkey", secret_arn = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:valkey" }
  bus_url                    = "tls://1.bus.hubbub-test.internal:4222"
  bus_ca_pem                 = "-----BEGIN CERTIFICATE-----"
  bus_port                   = 4222
  bus_security_group_id      = "sg-bus"
  balancer_security_group_id = "sg-balancer"
  balancer_cidrs             = ["10.30.0.0/20", "10.30.16.0/20"]
  target_group_arn           = "arn:aws:elasticloadbalancing:eu-central-1:111122223333:targetgroup/mock/0123456789abcdef"
}

run "tasks_come_at_85_percent_and_go_at_10" {
  command = apply

  assert {
    condition     = alltrue([for alarm in aws_cloudwatch_metric_alarm.busy : alarm.threshold == 85 && alarm.comparison_operator == "GreaterThanOrEqualToThreshold" && alarm.metric_name == "CPUUtilization"])
    error_message = "More tasks at 85 % of CPU."
  }

  assert {
    condition     = alltrue([for alarm in aws_cloudwatch_metric_alarm.idle : alarm.threshold == 10 && alarm.comparison_operator == "LessThanOrEqualToThreshold" && alarm.metric_name == "CPUUtilization"])
    error_message = "Fewer at 10 %."
  }

  assert {
    condition = alltrue(flatten([for policy in aws_appautoscaling_policy.in : [for step in policy.step_scaling_policy_configuration :
      step.adjustment_type == "ChangeInCapacity" && step.cooldown == 120 && one(step.step_adjustment).scaling_adjustment == -1
    ]]))
    error_message = "One at a time: whoever is connected to it goes elsewhere."
  }

  assert {
    condition = alltrue([for service, target in aws_appautoscaling_target.this :
      target.min_capacity == var.sizes[service].min_tasks && target.max_capacity == var.sizes[service].max_tasks && target.resource_id == "service/hubbub-test/${service}"
    ])
    error_message = "Between the bounds that the environment says."
  }
}

run "a_bad_release_is_taken_back" {
  command = apply

  assert {
    condition = alltrue([for service in aws_ecs_service.this :
      service.deployment_circuit_breaker[0].enable && service.deployment_circuit_breaker[0].rollback && service.deployment_minimum_healthy_percent == 100
    ])
    error_message = "The breaker is on, it rolls back, and nothing is taken away before there is another."
  }

  assert {
    condition = alltrue([for definition in aws_ecs_task_definition.service :
      length([for container in jsondecode(definition.container_definitions) : container if container.essential && try(strcontains(container.healthCheck.command[1], "http://127.0.0.1:9090/livez"), false)]) == 1
    ])
    error_message = "Without somebody who asks, a process that hangs would count as well."
  }
}

run "only_gateways_are_behind_the_load_balancer" {
  command = apply

  assert {
    condition     = [for name, service in aws_ecs_service.this : name if length(service.load_balancer) > 0] == ["gateway"]
    error_message = "Services are reached over the bus."
  }

  assert {
    condition     = one(aws_ecs_service.this["gateway"].load_balancer).container_port == 80
    error_message = "At the container's port."
  }

  assert {
    condition     = toset([for rule in aws_vpc_security_group_ingress_rule.balancer : rule.from_port]) == toset([80, 9090])
    error_message = "Clients and /readyz."
  }
}

run "each_process_reads_its_own_secrets_and_no_others" {
  command = apply

  assert {
    condition = toset(flatten([for statement in jsondecode(aws_iam_role_policy.execution["room-svc"].policy).Statement : statement.Resource if statement.Sid == "ItsSecrets"])) == toset([
      var.seed_arns["room-svc"], var.role_secret_arns["room-svc"], var.role_secret_arns["owner"],
    ])
    error_message = "room-svc: its seed, its login, and the owner's for the container that migrates."
  }

  assert {
    condition     = flatten([for statement in jsondecode(aws_iam_role_policy.execution["gateway"].policy).Statement : statement.Resource if statement.Sid == "ItsSecrets"]) == [var.seed_arns["gateway"]]
    error_message = "A gateway faces the internet: its seed, and nothing else."
  }

  assert {
    condition     = [for service, policy in aws_iam_role_policy.execution : service if strcontains(policy.policy, var.master_key_arn)] == ["auth-svc"]
    error_message = "auth-svc alone opens the signing keys."
  }

  assert {
    condition     = alltrue([for definition in aws_ecs_task_definition.service : definition.task_role_arn == null])
    error_message = "No process has credentials for AWS."
  }
}

run "no_secret_is_a_plain_setting" {
  command = apply

  assert {
    condition = alltrue(flatten([for definition in aws_ecs_task_definition.service : [for container in jsondecode(definition.container_definitions) : [
      for setting in try(container.environment, []) : !contains(["HUBBUB_PG__URL", "HUBBUB_PG__MIGRATE_URL", "HUBBUB_REDIS__URL", "HUBBUB_AUTH__MASTER_KEY", "HUBBUB_AUTH__BOOTSTRAP_ADMIN", "SEED"], setting.name)
    ]]]))
    error_message = "They come from Secrets Manager when the container starts."
  }

  assert {
    condition = alltrue([for definition in values(aws_ecs_task_definition.service) : alltrue([
      for container in jsondecode(definition.container_definitions) : container.name == "migrate" || !strcontains(jsonencode(try(container.secrets, [])), "role-owner")
    ])])
    error_message = "The owner's password is the migrating container's alone."
  }
}

run "containers_have_no_rights_to_lose" {
  command = apply

  assert {
    condition = alltrue(flatten([for definition in aws_ecs_task_definition.service : [
      for container in jsondecode(definition.container_definitions) : container.readonlyRootFilesystem && !container.privileged
    ]]))
    error_message = "Nothing can be written but what is laid out."
  }

  assert {
    condition = alltrue(flatten([for definition in aws_ecs_task_definition.service : [
      for container in jsondecode(definition.container_definitions) : container.name == "files" || (container.user == "65532:65532" && try(contains(container.linuxParameters.capabilities.drop, "ALL"), false))
    ]]))
    error_message = "All but the one that lays files out are nobody, without capabilities."
  }
}

run "stopping_leaves_time_for_the_drain" {
  command = apply

  assert {
    condition = one([for container in jsondecode(aws_ecs_task_definition.service["gateway"].container_definitions) : container.stopTimeout if container.name == "gateway"]) >= (
      var.drain_seconds + 10
    )
    error_message = "Killed only after the drain and the last words."
  }

  assert {
    condition     = local.environment["gateway"].HUBBUB_GATEWAY__DRAIN_MS == "30000" && local.environment["gateway"].HUBBUB_SHUTDOWN__GRACE_MS == "40000"
    error_message = "The process is told the same figures."
  }
}

run "too_little_time_to_stop_is_refused" {
  command = plan

  variables {
    shutdown = {
      gateway = { lag_seconds = 10, grace_seconds = 40, stop_seconds = 50 }
      service = { lag_seconds = 0, grace_seconds = 25, stop_seconds = 45 }
    }
  }

  expect_failures = [var.shutdown]
}

run "stores_are_for_those_who_need_them" {
  command = apply

  assert {
    condition     = toset(keys(aws_vpc_security_group_ingress_rule.postgres)) == toset(["auth-svc", "moderation-svc", "room-svc", "social-svc", "roles"])
    error_message = "No gateway reaches Postgres."
  }

  assert {
    condition     = toset(keys(aws_vpc_security_group_ingress_rule.valkey)) == toset(["auth-svc", "moderation-svc", "social-svc"])
    error_message = "Nor Valkey."
  }
}

run "without_images_nothing_runs_yet" {
  command = apply

  variables {
    images = {}
  }

  assert {
    condition     = length(aws_ecs_service.this) == 0 && length(aws_ecs_task_definition.service) == 0 && length(aws_iam_role.execution) == 5
    error_message = "The first apply makes everything else."
  }
}

run "an_image_by_tag_is_refused" {
  command = plan

  variables {
    images = {
      auth-svc       = "registry.example.org/auth-svc:latest"
      gateway        = "registry.example.org/gateway:latest"
      moderation-svc = "registry.example.org/moderation-svc:latest"
      room-svc       = "registry.example.org/room-svc:latest"
      social-svc     = "registry.example.org/social-svc:latest"
    }
  }

  expect_failures = [var.images]
}

run "an_origin_that_is_a_pattern_is_refused" {
  command = plan

  variables {
    origins = ["https://*.example.org"]
  }

  expect_failures = [var.origins]
}
