variable "name" {
  description = "Begins every name, such as `hubbub-prod`."
  type        = string
}

variable "vpc_id" {
  description = "Id of the network."
  type        = string
}

variable "subnets" {
  description = "Zone => id of its subnet for processes; each gets one server."
  type        = map(string)

  validation {
    condition     = length(var.subnets) >= 2
    error_message = "One server alone is no cluster: two zones at least."
  }
}

variable "public_keys" {
  description = "Process => public key (`U…`) by which it enters the bus; `deploy/keys.py` prints them. Not secret."
  type        = map(string)

  validation {
    condition     = toset(keys(var.public_keys)) == toset(["auth-svc", "gateway", "moderation-svc", "room-svc", "social-svc"])
    error_message = "Exactly the five processes: auth-svc, gateway, moderation-svc, room-svc and social-svc."
  }

  validation {
    condition     = alltrue([for key in values(var.public_keys) : can(regex("^U[A-Z2-7]{55}$", key))])
    error_message = "A user's public key is a U and 55 letters and digits. A seed begins with SU and belongs in Secrets Manager alone."
  }

  validation {
    condition     = length(distinct(values(var.public_keys))) == length(var.public_keys)
    error_message = "Each process has a key of its own."
  }
}

variable "server" {
  description = "Archive of the NATS server (2.12 or newer) for the architecture, and its SHA-256 as the release states it."
  type = object({
    url    = string
    sha256 = string
  })

  validation {
    condition     = startswith(var.server.url, "https://") && endswith(var.server.url, ".tar.gz")
    error_message = "An https:// address of a .tar.gz."
  }

  validation {
    condition     = can(regex("^[0-9a-f]{64}$", var.server.sha256))
    error_message = "64 hexadecimal digits."
  }
}

variable "architecture" {
  description = "`arm64` or `x86_64`; the type of machine and the archive must be of it."
  type        = string

  validation {
    condition     = contains(["arm64", "x86_64"], var.architecture)
    error_message = "arm64 or x86_64."
  }
}

variable "instance_type" {
  description = "Size of a server, such as `c7g.medium`."
  type        = string
}

variable "disk_gib" {
  description = "GiB of each server's own disk."
  type        = number

  validation {
    condition     = var.disk_gib >= 4
    error_message = "At least 4: logs take turns at 64 MB."
  }
}

variable "client_port" {
  description = "Port for the processes of the product."
  type        = number
  default     = 4222
}

variable "route_port" {
  description = "Port for the servers among each other."
  type        = number
  default     = 6222
}

variable "key_arn" {
  description = "ARN of the key that encrypts disks, configuration and the password between servers."
  type        = string
}

variable "route_secret_arn" {
  description = "ARN of the secret with the password between servers."
  type        = string
}

variable "tls_secret_arn" {
  description = "ARN of the secret with the servers' certificate, its key and the authority's certificate, as `deploy/keys.py --bus-tls` writes them."
  type        = string
}

variable "permissions_boundary_arn" {
  description = "ARN of the policy that bounds every role made here; null for none."
  type        = string
  default     = null
}
