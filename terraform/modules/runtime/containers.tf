locals {
  uid       = "65532:65532"
  folder    = "/run/hubbub"
  seed_path = "${local.folder}/nkey.seed"
  ca_path   = var.postgres_ca_path
  # Beside them, under another name.
  bus_ca_path = "${local.folder}/bus.pem"

  log = { for service, group in aws_cloudwatch_log_group.service : service => {
    logDriver = "awslogs"
    options = {
      "awslogs-group"  = group.name
      "awslogs-region" = var.region
      # A log that is slow must not hold a process up; what does not fit is lost.
      "mode"            = "non-blocking"
      "max-buffer-size" = "16m"
    }
  } }

  # What every container of ours has.
  hardened = {
    readonlyRootFilesystem = true
    privileged             = false
  }

  # Secrets come as variables here, and the bus wants a file. The images of the product have no shell to write one.
  files = { for service, options in local.running : service => merge(local.hardened, {
    name             = "files"
    image            = var.toolbox_image
    essential        = false
    user             = "0"
    environment      = [{ name = "BUS_CA", value = var.bus_ca_pem }, { name = "POSTGRES_CA", value = var.postgres_ca_pem }]
    secrets          = [{ name = "SEED", valueFrom = var.seed_arns[service] }]
    mountPoints      = [{ sourceVolume = "files", containerPath = local.folder, readOnly = false }]
    logConfiguration = merge(local.log[service], { options = merge(local.log[service].options, { "awslogs-stream-prefix" = "files" }) })
    command = ["sh", "-euc", join(" && ", [
      "umask 077",
      "printf %s \"$SEED\" >${local.seed_path}",
      "printf %s \"$POSTGRES_CA\" >${local.ca_path}",
      "printf %s \"$BUS_CA\" >${local.bus_ca_path}",
      "chown ${local.uid} ${local.folder} ${local.seed_path} ${local.ca_path} ${local.bus_ca_path}",
    ])]
  }) }

  # As the owner of the schemas, and under a lock: replicas that start together wait for each other. The service itself
  # never has the owner's password.
  migrate = { for service, options in local.running : service => merge(local.hardened, local.process[service], {
    name             = "migrate"
    essential        = false
    command          = ["migrate"]
    secrets          = concat(local.secrets[service], [{ name = "HUBBUB_PG__MIGRATE_URL", valueFrom = "${var.role_secret_arns["owner"]}:url::" }])
    dependsOn        = [{ containerName = "files", condition = "SUCCESS" }]
    logConfiguration = merge(local.log[service], { options = merge(local.log[service].options, { "awslogs-stream-prefix" = "migrate" }) })
  }) if options.postgres }

  service = { for service, options in local.running : service => merge(local.hardened, local.process[service], {
    name      = service
    essential = true
    command   = ["run"]
    secrets   = local.secrets[service]
    dependsOn = [{ containerName = options.postgres ? "migrate" : "files", condition = "SUCCESS" }]
    # Lag, what is under way, and the last words; Fargate allows 120 s.
    stopTimeout = var.shutdown[service == "gateway" ? "gateway" : "service"].stop_seconds
    portMappings = concat(
      service == "gateway" ? [{ containerPort = var.container_port, protocol = "tcp" }] : [{ containerPort = var.grpc_port, protocol = "tcp" }],
      [{ containerPort = var.health_port, protocol = "tcp" }],
    )
    # A process without rights may listen on port 80: the name space is the task's own.
    systemControls   = [{ namespace = "net.ipv4.ip_unprivileged_port_start", value = "0" }]
    ulimits          = [{ name = "nofile", softLimit = 65536, hardLimit = 65536 }]
    logConfiguration = merge(local.log[service], { options = merge(local.log[service].options, { "awslogs-stream-prefix" = service }) })
  }) }

  # Asks the process how it is, from the same network name space. Without an answer a release is not taken for good, and
  # a process that hangs is replaced. `/livez`, not `/readyz`: a restart would not mend a store that is away.
  probe = { for service, options in local.running : service => merge(local.hardened, {
    name      = "probe"
    image     = var.toolbox_image
    essential = true
    user      = local.uid
    # Nothing of ours runs in it but the check.
    command          = ["sleep", "2147483647"]
    stopTimeout      = 2
    dependsOn        = [{ containerName = service, condition = "START" }]
    logConfiguration = merge(local.log[service], { options = merge(local.log[service].options, { "awslogs-stream-prefix" = "probe" }) })
    linuxParameters  = { capabilities = { drop = ["ALL"] } }
    healthCheck = {
      command     = ["CMD-SHELL", "wget -q -T 3 -O /dev/null http://127.0.0.1:${var.health_port}/livez"]
      interval    = 10
      timeout     = 5
      retries     = 3
      startPeriod = 60
    }
  }) }

  process = { for service, options in local.running : service => {
    image           = options.image
    user            = local.uid
    environment     = [for name in sort(keys(local.environment[service])) : { name = name, value = local.environment[service][name] }]
    mountPoints     = [{ sourceVolume = "files", containerPath = local.folder, readOnly = true }]
    linuxParameters = { capabilities = { drop = ["ALL"] } }
  } }
}
