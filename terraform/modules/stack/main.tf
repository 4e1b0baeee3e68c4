# The whole product in one account and region. An environment says how large, and nothing else: what is true of one is
# true of all.
locals {
  services = toset(["auth-svc", "gateway", "moderation-svc", "room-svc", "social-svc"])
  # Where a task finds what is laid out for it.
  postgres_ca_path = "/run/hubbub/rds.pem"
}

module "data_key" {
  source = "../key"

  name        = "${var.name}/data"
  description = "Stores, secrets, disks and images of ${var.name}"
}

module "logs_key" {
  source = "../key"

  name        = "${var.name}/logs"
  description = "Logs and alarms of ${var.name}"
  services    = ["cloudwatch.amazonaws.com"]
  is_for_logs = true
}

module "network" {
  source = "../network"

  name                     = var.name
  cidr                     = var.cidr
  zone_count               = var.zone_count
  logs_key_arn             = module.logs_key.arn
  flow_log_days            = var.log_days
  permissions_boundary_arn = var.permissions_boundary_arn
}

module "registry" {
  source = "../registry"

  name     = var.name
  services = local.services
  key_arn  = module.data_key.arn
}

module "secrets" {
  source = "../secrets"

  name          = var.name
  services      = local.services
  key_arn       = module.data_key.arn
  recovery_days = var.is_protected ? 30 : 0
}

module "data" {
  source = "../data"

  name                     = var.name
  vpc_id                   = module.network.vpc_id
  subnet_ids               = values(module.network.data_subnets)
  key_arn                  = module.data_key.arn
  logs_key_arn             = module.logs_key.arn
  log_days                 = var.log_days
  is_multi_az              = var.is_multi_az
  is_protected             = var.is_protected
  postgres_major           = var.postgres.major
  postgres_instance_class  = var.postgres.instance_class
  postgres_storage_gib     = var.postgres.storage_gib
  postgres_ca_path         = local.postgres_ca_path
  backup_days              = var.postgres.backup_days
  valkey_node_type         = var.valkey_node_type
  password_version         = var.password_version
  permissions_boundary_arn = var.permissions_boundary_arn
}

module "bus" {
  source = "../bus"

  name                     = var.name
  vpc_id                   = module.network.vpc_id
  subnets                  = module.network.private_subnets
  public_keys              = var.bus.public_keys
  server                   = var.bus.server
  architecture             = lower(var.architecture)
  instance_type            = var.bus.instance_type
  disk_gib                 = var.bus.disk_gib
  key_arn                  = module.data_key.arn
  route_secret_arn         = module.secrets.route_arn
  tls_secret_arn           = module.secrets.bus_tls_arn
  permissions_boundary_arn = var.permissions_boundary_arn
}

module "edge" {
  source = "../edge"

  name              = var.name
  vpc_id            = module.network.vpc_id
  subnet_ids        = values(module.network.public_subnets)
  zone_name         = var.zone_name
  host_name         = var.host_name
  container_port    = var.container_port
  health_port       = var.health_port
  heartbeat_seconds = var.heartbeat_seconds
  is_protected      = var.is_protected
  access_log_days   = var.log_days
}

module "runtime" {
  source = "../runtime"

  name                       = var.name
  region                     = var.region
  vpc_id                     = module.network.vpc_id
  vpc_cidr                   = module.network.cidr
  subnet_ids                 = values(module.network.private_subnets)
  images                     = var.images
  toolbox_image              = var.toolbox_image
  psql_image                 = var.psql_image
  architecture               = var.architecture
  sizes                      = var.sizes
  heartbeat_seconds          = var.heartbeat_seconds
  container_port             = var.container_port
  health_port                = var.health_port
  origins                    = concat([module.edge.url], var.more_origins)
  environment                = var.environment
  otlp_endpoint              = var.otlp_endpoint
  log_days                   = var.log_days
  logs_key_arn               = module.logs_key.arn
  key_arn                    = module.data_key.arn
  repository_arns            = module.registry.repository_arns
  seed_arns                  = module.secrets.seed_arns
  role_secret_arns           = module.data.role_secret_arns
  master_key_arn             = module.secrets.master_key_arn
  bootstrap_admin_arn        = module.secrets.bootstrap_admin_arn
  postgres                   = module.data.postgres
  postgres_ca_pem            = var.postgres_ca_pem
  postgres_ca_path           = local.postgres_ca_path
  valkey                     = module.data.valkey
  bus_url                    = module.bus.url
  bus_ca_pem                 = var.bus_ca_pem
  bus_port                   = module.bus.client_port
  bus_security_group_id      = module.bus.security_group_id
  balancer_security_group_id = module.edge.security_group_id
  balancer_cidrs             = module.network.public_cidrs
  target_group_arn           = module.edge.target_group_arn
  permissions_boundary_arn   = var.permissions_boundary_arn
}

module "observability" {
  source = "../observability"

  name                 = var.name
  region               = var.region
  key_arn              = module.logs_key.arn
  alarm_mails          = var.alarm_mails
  load_balancer_suffix = module.edge.load_balancer_suffix
  target_group_suffix  = module.edge.target_group_suffix
  min_gateways         = min(2, var.sizes["gateway"].min_tasks)
  cluster_name         = module.runtime.cluster_name
  log_group_names      = module.runtime.log_group_names
  postgres_identifier  = module.data.postgres.identifier
  valkey_identifier    = module.data.valkey.identifier
  bus_instance_ids     = module.bus.instance_ids
}
