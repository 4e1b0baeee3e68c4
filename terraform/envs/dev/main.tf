# Small, and gone without a trace when it is destroyed. One of each; the network and the bus are as in production.
module "stack" {
  source = "../../modules/stack"

  name         = "hubbub-dev"
  region       = var.region
  cidr         = "10.20.0.0/16"
  zone_name    = var.zone_name
  host_name    = var.host_name
  is_multi_az  = false
  is_protected = false

  images        = var.images
  toolbox_image = var.toolbox_image
  psql_image    = var.psql_image

  sizes = {
    gateway        = { cpu = 256, memory_mib = 512, min_tasks = 1, max_tasks = 2 }
    auth-svc       = { cpu = 256, memory_mib = 512, min_tasks = 1, max_tasks = 2 }
    moderation-svc = { cpu = 256, memory_mib = 512, min_tasks = 1, max_tasks = 2 }
    social-svc     = { cpu = 256, memory_mib = 512, min_tasks = 1, max_tasks = 2 }
    room-svc       = { cpu = 256, memory_mib = 512, min_tasks = 1, max_tasks = 2 }
  }

  postgres = {
    instance_class = "db.t4g.small"
    storage_gib    = 20
    backup_days    = 1
  }
  # The bundle of the region alone; docs/deploy-aws.md says how it is fetched.
  postgres_ca_pem  = file("${path.module}/${var.postgres_ca_file}")
  valkey_node_type = "cache.t4g.micro"

  # The certificate of whoever vouches for the bus; its key is not here.
  bus_ca_pem = file("${path.module}/${var.bus_ca_file}")
  bus = {
    public_keys   = var.bus_public_keys
    server        = var.bus_server
    instance_type = "t4g.small"
  }

  environment              = var.environment
  otlp_endpoint            = var.otlp_endpoint
  log_days                 = 14
  alarm_mails              = var.alarm_mails
  password_version         = var.password_version
  permissions_boundary_arn = var.permissions_boundary_arn
}
