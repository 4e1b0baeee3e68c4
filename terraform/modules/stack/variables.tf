variable "name" {
  description = "Begins every name, such as `hubbub-prod`."
  type        = string

  validation {
    condition     = startswith(var.name, "hubbub-")
    error_message = "Begins with `hubbub-`: the rights of the deploying role are bounded by that."
  }
}

variable "region" {
  description = "Region of everything here."
  type        = string
}

variable "cidr" {
  description = "The network's own IPv4 range, /20 or wider."
  type        = string
}

variable "zone_count" {
  description = "How many availability zones are used."
  type        = number
  default     = 3
}

variable "zone_name" {
  description = "Public zone of Route 53 that the site's name is in, such as `example.org`."
  type        = string
}

variable "host_name" {
  description = "The site's name, such as `chat.example.org`."
  type        = string
}

variable "more_origins" {
  description = "Browser origins beside the site's own, such as that of a web client on another host."
  type        = list(string)
  default     = []
}

variable "is_multi_az" {
  description = "Whether each store has a standby in another zone."
  type        = bool
}

variable "is_protected" {
  description = "Whether database and load balancer cannot be deleted before somebody says so, and secrets can be brought back."
  type        = bool
}

variable "images" {
  description = "Process => its image by digest; empty before the first release is pushed."
  type        = map(string)
  default     = {}
}

variable "toolbox_image" {
  description = "BusyBox by digest."
  type        = string
}

variable "psql_image" {
  description = "An image with psql (14 or newer), by digest."
  type        = string
}

variable "architecture" {
  description = "`ARM64` or `X86_64`, for processes and the bus alike."
  type        = string
  default     = "ARM64"
}

variable "sizes" {
  description = "Process => CPU units, MiB of memory, and least and most tasks."
  type = map(object({
    cpu        = number
    memory_mib = number
    min_tasks  = number
    max_tasks  = number
  }))
}

variable "postgres" {
  description = "Major version, size, GiB of disk to begin with, and days of backups."
  type = object({
    major          = optional(string, "17")
    instance_class = string
    storage_gib    = number
    backup_days    = number
  })
}

variable "postgres_ca_pem" {
  description = "Certificates of RDS's authorities in the region, as PEM."
  type        = string
}

variable "valkey_node_type" {
  description = "Size of a node of Valkey."
  type        = string
}

variable "bus" {
  description = "The bus: public keys of the processes, the server's archive with its SHA-256, size of a machine, GiB of its disk."
  type = object({
    public_keys   = map(string)
    server        = object({ url = string, sha256 = string })
    instance_type = string
    disk_gib      = optional(number, 10)
  })
}

variable "bus_ca_pem" {
  description = "Certificate of the authority that vouches for the servers of the bus, as PEM."
  type        = string
}

variable "container_port" {
  description = "Port of a gateway for clients, behind 443 and 8080 of the load balancer."
  type        = number
  default     = 80
}

variable "health_port" {
  description = "Internal port of every process."
  type        = number
  default     = 9090
}

variable "heartbeat_seconds" {
  description = "After so many seconds without a frame a gateway pings."
  type        = number
  default     = 25
}

variable "environment" {
  description = "Process => more settings by their names in docs/configuration.md."
  type        = map(map(string))
  default     = {}
}

variable "otlp_endpoint" {
  description = "OTLP collector in the network; empty keeps traces in the process."
  type        = string
  default     = ""
}

variable "log_days" {
  description = "Days for which logs are kept."
  type        = number
}

variable "alarm_mails" {
  description = "Addresses that alarms are mailed to."
  type        = set(string)
  default     = []
}

variable "password_version" {
  description = "Counted up to make new passwords for Postgres' roles and Valkey."
  type        = number
  default     = 1
}

variable "permissions_boundary_arn" {
  description = "ARN of the policy that bounds every role made here (an output of `bootstrap`); null for none."
  type        = string
  default     = null
}
