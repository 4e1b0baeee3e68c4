locals {
  environment = { for service, options in local.running : service => merge(
    {
      HUBBUB_NATS__URL                = var.bus_url
      HUBBUB_NATS__NKEY_FILE          = local.seed_path
      HUBBUB_NATS__CA_FILE            = local.bus_ca_path
      HUBBUB_HTTP__LISTEN             = "0.0.0.0:${var.health_port}"
      HUBBUB_GRPC__LISTEN             = "0.0.0.0:${var.grpc_port}"
      HUBBUB_TELEMETRY__OTLP_ENDPOINT = var.otlp_endpoint
      HUBBUB_TELEMETRY__LOG_FORMAT    = "json"
      HUBBUB_SHUTDOWN__LAG_MS         = tostring(var.shutdown[service == "gateway" ? "gateway" : "service"].lag_seconds * 1000)
      HUBBUB_SHUTDOWN__GRACE_MS       = tostring(var.shutdown[service == "gateway" ? "gateway" : "service"].grace_seconds * 1000)
    },
    # A container of its own migrates.
    options.postgres ? { HUBBUB_PG__MIGRATES_AT_START = "false" } : {},
    local.own_environment[service],
    lookup(var.environment, service, {}),
  ) }

  own_environment = {
    gateway = {
      HUBBUB_GATEWAY__LISTEN          = "0.0.0.0:${var.container_port}"
      HUBBUB_GATEWAY__SITE            = "/srv/site"
      HUBBUB_GATEWAY__ORIGINS         = jsonencode(var.origins)
      HUBBUB_GATEWAY__TRUSTED_PROXIES = jsonencode(var.balancer_cidrs)
      HUBBUB_GATEWAY__HEARTBEAT_MS    = tostring(var.heartbeat_seconds * 1000)
      HUBBUB_GATEWAY__DRAIN_MS        = tostring(var.drain_seconds * 1000)
    }
    auth-svc = {}
    moderation-svc = {
      # Whoever bans by mistake the network that everything stands in would ban everybody.
      HUBBUB_MODERATION__PROTECTED = jsonencode([var.vpc_cidr])
    }
    social-svc = {}
    room-svc   = {}
  }

  # Name of the variable and where its value is: AWS puts it in when the container starts, and it is in no definition.
  secrets = { for service, options in local.running : service => concat(
    options.postgres ? [{ name = "HUBBUB_PG__URL", valueFrom = "${var.role_secret_arns[service]}:url::" }] : [],
    options.valkey ? [{ name = "HUBBUB_REDIS__URL", valueFrom = "${var.valkey.secret_arn}:url::" }] : [],
    service == "auth-svc" ? [
      { name = "HUBBUB_AUTH__MASTER_KEY", valueFrom = var.master_key_arn },
      { name = "HUBBUB_AUTH__BOOTSTRAP_ADMIN", valueFrom = var.bootstrap_admin_arn },
    ] : [],
  ) }

  # Every secret that one of a service's containers is given; its execution role may read these and no others.
  readable = { for service, needs in local.needs : service => concat(
    [var.seed_arns[service]],
    needs.postgres ? [var.role_secret_arns[service], var.role_secret_arns["owner"]] : [],
    needs.valkey ? [var.valkey.secret_arn] : [],
    service == "auth-svc" ? [var.master_key_arn, var.bootstrap_admin_arn] : [],
  ) }
}
