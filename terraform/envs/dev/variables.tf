variable "account_id" {
  description = "Number of the AWS account; credentials of any other are refused."
  type        = string

  validation {
    condition     = can(regex("^[0-9]{12}$", var.account_id))
    error_message = "Twelve digits."
  }
}

variable "region" {
  description = "Region of everything here, such as `eu-central-1`."
  type        = string

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.region))
    error_message = "A region's name, such as eu-central-1."
  }
}

variable "zone_name" {
  description = "Public zone of Route 53 that the site's name is in, such as `example.org`."
  type        = string
}

variable "host_name" {
  description = "The site's name, such as `chat.example.org`."
  type        = string
}

variable "images" {
  description = "Process => its image by digest; the workflow `deploy` says it. Empty before the first release is pushed."
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

variable "bus_public_keys" {
  description = "Process => public key by which it enters the bus; `deploy/keys.py` prints them. Not secret."
  type        = map(string)
}

variable "bus_server" {
  description = "Archive of the NATS server for arm64, and its SHA-256 as the release states it."
  type        = object({ url = string, sha256 = string })
}

variable "alarm_mails" {
  description = "Addresses that alarms are mailed to."
  type        = set(string)
  default     = []
}

variable "otlp_endpoint" {
  description = "OTLP collector in the network; empty keeps traces in the process."
  type        = string
  default     = ""
}

variable "environment" {
  description = "Process => more settings by their names in docs/configuration.md."
  type        = map(map(string))
  default     = {}
}

variable "password_version" {
  description = "Counted up to make new passwords for Postgres' roles and Valkey."
  type        = number
  default     = 1
}

variable "permissions_boundary_arn" {
  description = "ARN of the policy that bounds every role made here (an output of `bootstrap`)."
  type        = string
}

variable "bus_ca_file" {
  description = "File beside this one with the certificate of the bus's authority; `deploy/keys.py --bus-tls` makes it."
  type        = string
  default     = "bus-ca.pem"
}

variable "postgres_ca_file" {
  description = "File beside this one with the certificates of RDS's authorities in the region."
  type        = string
  default     = "rds-ca.pem"
}
