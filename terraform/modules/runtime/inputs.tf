# What the other modules say. variables.tf has what somebody chooses.

variable "log_days" {
  description = "Days for which logs are kept."
  type        = number
}

variable "logs_key_arn" {
  description = "ARN of the key that encrypts logs."
  type        = string
}

variable "key_arn" {
  description = "ARN of the key that encrypts secrets."
  type        = string
}

variable "repository_arns" {
  description = "Process => ARN of its repository."
  type        = map(string)
}

variable "seed_arns" {
  description = "Process => ARN of the secret with the seed of its key for the bus."
  type        = map(string)
}

variable "role_secret_arns" {
  description = "Who logs in to Postgres (`owner` or a service) => ARN of its secret."
  type        = map(string)
}

variable "master_key_arn" {
  description = "ARN of the secret with the key that seals the signing keys."
  type        = string
}

variable "bootstrap_admin_arn" {
  description = "ARN of the secret with the first administrator."
  type        = string
}

variable "postgres" {
  description = "The database, as the module `data` says it."
  type = object({
    address           = string
    port              = number
    database          = string
    security_group_id = string
    master_secret_arn = string
  })
}

variable "postgres_ca_pem" {
  description = "Certificates of RDS's authorities in the region, as PEM. Not secret."
  type        = string

  validation {
    condition     = strcontains(var.postgres_ca_pem, "-----BEGIN CERTIFICATE-----") && length(var.postgres_ca_pem) < 16000
    error_message = "The region's own bundle as PEM; the bundle of all regions is too large for a task's definition."
  }
}

variable "postgres_ca_path" {
  description = "Where a process finds them; it stands in the URLs."
  type        = string
}

variable "valkey" {
  description = "Valkey, as the module `data` says it."
  type = object({
    port              = number
    security_group_id = string
    secret_arn        = string
  })
}

variable "bus_url" {
  description = "Every server of the bus, as `nats.url` wants them."
  type        = string
}

variable "bus_ca_pem" {
  description = "Certificate of the authority that vouches for its servers, as PEM. Not secret."
  type        = string

  validation {
    condition     = strcontains(var.bus_ca_pem, "-----BEGIN CERTIFICATE-----") && length(var.bus_ca_pem) < 8000
    error_message = "The file bus-ca.pem that `deploy/keys.py --bus-tls` makes."
  }

  validation {
    condition     = !strcontains(var.bus_ca_pem, "PRIVATE KEY")
    error_message = "The authority's certificate alone: its key stays with you."
  }
}

variable "bus_port" {
  description = "Port of the bus for processes."
  type        = number
}

variable "bus_security_group_id" {
  description = "Security group of the bus's servers."
  type        = string
}

variable "balancer_security_group_id" {
  description = "Security group of the load balancer."
  type        = string
}

variable "balancer_cidrs" {
  description = "Ranges in which the load balancer's own addresses are: only its X-Forwarded-For is believed."
  type        = list(string)

  validation {
    condition     = length(var.balancer_cidrs) > 0 && !contains(var.balancer_cidrs, "0.0.0.0/0")
    error_message = "At least one range, and not everybody's: whoever is believed may claim any address."
  }
}

variable "target_group_arn" {
  description = "ARN of the load balancer's group that gateways join."
  type        = string
}

variable "permissions_boundary_arn" {
  description = "ARN of the policy that bounds every role made here; null for none."
  type        = string
  default     = null
}
