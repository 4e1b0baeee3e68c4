# Every part survives the loss of a zone.
module "stack" {
  source = "../../modules/stack"

  name         = "hubbub-prod"
  region       = var.region
  cidr         = "10.30.0.0/16"
  zone_name    = var.zone_name
  host_name    = var.host_name
  is_multi_az  = true
  is_protected = true

  images        = var.images
  toolbox_image = var.toolbox_image
  psql_image    = var.psql_image

  # 2 vCPU and at least 3008 MiB for a gateway: with 2 vCPU Fargate begins at 4096.
  sizes = {
    gateway        = { cpu = 2048, memory_mib = 4096, min_tasks = 3, max_tasks = 20 }
    auth-svc       = { cpu = 1024, memory_mib = 2048, min_tasks = 2, max_tasks = 10 }
    moderation-svc = { cpu = 512, memory_mib = 1024, min_tasks = 2, max_tasks = 10 }
    social-svc     = { cpu = 512, memory_mib = 1024, min_tasks = 2, max_tasks = 10 }
    room-svc       = { cpu = 1024, memory_mib = 2048, min_tasks = 2, max_tasks = 10 }
  }

  postgres = {
    instance_class = "db.r8g.large"
    storage_gib    = 100
    backup_days    = 14
  }
  # The bundle of the region alone; docs/deploy-aws.md says how it is fetched.
  postgres_ca_pem  = file("${path.module}/${var.postgres_ca_file}")
  valkey_node_type = "cache.r7g.large"

  # The certificate of whoever vouches for the bus; its key is not here.
  bus_ca_pem = file("${path.module}/${var.bus_ca_file}")
  bus = {
    public_keys   = var.bus_public_keys
    server        = var.bus_server
    instance_type = "c7g.large"
  }

  environment              = var.environment
  otlp_endpoint            = var.otlp_endpoint
  log_days                 = 90
  alarm_mails              = var.alarm_mails
  password_version         = var.password_version
  permissions_boundary_arn = var.permissions_boundary_arn
}
