variable "name" {
  description = "Begins every name, such as `hubbub-prod`."
  type        = string
}

variable "vpc_id" {
  description = "Id of the network."
  type        = string
}

variable "subnet_ids" {
  description = "Subnets of the stores, one in each zone."
  type        = list(string)

  validation {
    condition     = length(var.subnet_ids) >= 2
    error_message = "RDS asks for subnets in two zones at least, with one instance too."
  }
}

variable "key_arn" {
  description = "ARN of the key that encrypts the stores and their passwords."
  type        = string
}

variable "logs_key_arn" {
  description = "ARN of the key that encrypts logs."
  type        = string
}

variable "log_days" {
  description = "Days for which the stores' logs are kept."
  type        = number
}

variable "is_multi_az" {
  description = "Whether each store has a standby in another zone."
  type        = bool
}

variable "is_protected" {
  description = "Whether the database cannot be deleted before somebody says so, leaves a last snapshot, and secrets can be brought back for 30 days."
  type        = bool
}

variable "postgres_major" {
  description = "Major version of Postgres."
  type        = string

  validation {
    condition     = contains(["15", "16", "17", "18"], var.postgres_major)
    error_message = "15 to 18: older ones lack what the statements need (docs/quickstart.md)."
  }
}

variable "postgres_instance_class" {
  description = "Size of the database, such as `db.r8g.large`."
  type        = string

  validation {
    condition     = startswith(var.postgres_instance_class, "db.")
    error_message = "A class of RDS begins with `db.`."
  }
}

variable "postgres_storage_gib" {
  description = "GiB of disk to begin with; it grows by itself to four times as much."
  type        = number

  validation {
    condition     = var.postgres_storage_gib >= 20 && var.postgres_storage_gib <= 16000
    error_message = "20 to 16000: RDS ends at 64 TiB, and the disk may grow fourfold."
  }
}

variable "postgres_ca" {
  description = "Authority whose certificate the database shows."
  type        = string
  default     = "rds-ca-rsa2048-g1"

  validation {
    condition     = contains(["rds-ca-rsa2048-g1", "rds-ca-rsa4096-g1", "rds-ca-ecc384-g1"], var.postgres_ca)
    error_message = "One of rds-ca-rsa2048-g1, rds-ca-rsa4096-g1 and rds-ca-ecc384-g1."
  }
}

variable "postgres_ca_path" {
  description = "Where a process finds that authority's certificate; it stands in the URLs."
  type        = string

  validation {
    condition     = startswith(var.postgres_ca_path, "/")
    error_message = "An absolute path."
  }
}

variable "backup_days" {
  description = "Days back to any second of which the database can be restored."
  type        = number

  validation {
    condition     = var.backup_days >= 1 && var.backup_days <= 35
    error_message = "1 to 35, as RDS keeps them."
  }
}

variable "valkey_version" {
  description = "Version of Valkey, such as `8.1`."
  type        = string
  default     = "8.1"
}

variable "valkey_major" {
  description = "Its major version, which names the family of parameters."
  type        = number
  default     = 8

  validation {
    condition     = startswith(var.valkey_version, "${var.valkey_major}.")
    error_message = "The major version of valkey_version."
  }
}

variable "valkey_node_type" {
  description = "Size of a node of Valkey, such as `cache.t4g.small`."
  type        = string

  validation {
    condition     = startswith(var.valkey_node_type, "cache.")
    error_message = "A node type of ElastiCache begins with `cache.`."
  }
}

variable "password_version" {
  description = "Counted up to make new passwords for every role and for Valkey."
  type        = number
  default     = 1

  validation {
    condition     = var.password_version >= 1 && floor(var.password_version) == var.password_version
    error_message = "A whole number from 1."
  }
}

variable "permissions_boundary_arn" {
  description = "ARN of the policy that bounds every role made here; null for none."
  type        = string
  default     = null
}
