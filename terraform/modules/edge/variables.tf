variable "name" {
  description = "Begins every name, such as `hubbub-prod`."
  type        = string
}

variable "vpc_id" {
  description = "Id of the network."
  type        = string
}

variable "subnet_ids" {
  description = "Public subnets, one in each zone."
  type        = list(string)

  validation {
    condition     = length(var.subnet_ids) >= 2
    error_message = "A load balancer asks for subnets in two zones at least."
  }
}

variable "zone_name" {
  description = "Public zone of Route 53 that the site's name is in, such as `example.org`."
  type        = string
}

variable "host_name" {
  description = "The site's name, such as `chat.example.org`."
  type        = string

  validation {
    condition     = var.host_name == var.zone_name || endswith(var.host_name, ".${var.zone_name}")
    error_message = "A name in the zone."
  }
}

variable "listener_ports" {
  description = "Ports on which TLS is spoken."
  type        = list(number)
  default     = [443, 8080]

  validation {
    condition     = contains(var.listener_ports, 443) && !contains(var.listener_ports, 80)
    error_message = "443 is among them, and 80 is not: that one sends everybody to 443."
  }
}

variable "container_port" {
  description = "Port of a gateway for clients."
  type        = number

  validation {
    condition     = var.container_port >= 1 && var.container_port <= 65535
    error_message = "A port: 1 to 65535."
  }
}

variable "health_port" {
  description = "Internal port of a gateway that answers `/readyz`. No listener leads to it."
  type        = number

  validation {
    condition     = var.health_port != var.container_port
    error_message = "Metrics are on the same port as `/readyz`, and clients must not reach them."
  }
}

variable "heartbeat_seconds" {
  description = "After so many seconds without a frame a gateway pings (`gateway.heartbeat_ms`)."
  type        = number
}

variable "idle_timeout_seconds" {
  description = "Seconds without a byte after which the load balancer ends a connection."
  type        = number
  default     = 120

  validation {
    condition     = var.idle_timeout_seconds > 60 && var.idle_timeout_seconds <= 4000
    error_message = "More than 60, which is the default and too short, and at most 4000."
  }

  validation {
    condition     = var.idle_timeout_seconds >= 2 * var.heartbeat_seconds
    error_message = "Two heartbeats at least: one ping that is late must not cost the connection."
  }
}

variable "deregistration_seconds" {
  description = "Seconds for which a gateway that is being taken away may finish requests."
  type        = number
  default     = 30

  validation {
    condition     = var.deregistration_seconds >= 5 && var.deregistration_seconds <= 300
    error_message = "5 to 300."
  }
}

variable "is_protected" {
  description = "Whether the load balancer cannot be deleted before somebody says so."
  type        = bool
}

variable "access_log_days" {
  description = "Days for which it is kept who asked for what."
  type        = number

  validation {
    condition     = var.access_log_days >= 1 && var.access_log_days <= 365
    error_message = "1 to 365."
  }
}
