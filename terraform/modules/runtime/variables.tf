variable "name" {
  description = "Begins every name, such as `hubbub-prod`."
  type        = string
}

variable "region" {
  description = "Region of everything here."
  type        = string
}

variable "vpc_id" {
  description = "Id of the network."
  type        = string
}

variable "vpc_cidr" {
  description = "The network's range: traces may go to it, and nobody may ban it."
  type        = string
}

variable "subnet_ids" {
  description = "Subnets for processes, one in each zone."
  type        = list(string)
}

variable "images" {
  description = "Process => its image by digest. Empty before the first release is pushed: then no process runs yet."
  type        = map(string)

  validation {
    condition     = length(var.images) == 0 || toset(keys(var.images)) == toset(["auth-svc", "gateway", "moderation-svc", "room-svc", "social-svc"])
    error_message = "None, or exactly the five processes."
  }

  validation {
    condition     = alltrue([for image in values(var.images) : can(regex("@sha256:[0-9a-f]{64}$", image))])
    error_message = "By digest (`…@sha256:…`): a tag could mean another image tomorrow."
  }
}

variable "toolbox_image" {
  description = "BusyBox by digest: it lays files out for a task and asks its process how it is."
  type        = string

  validation {
    condition     = can(regex("@sha256:[0-9a-f]{64}$", var.toolbox_image))
    error_message = "By digest (`…@sha256:…`)."
  }
}

variable "psql_image" {
  description = "An image with psql (14 or newer) by digest, such as that of Postgres: it makes the roles of the database."
  type        = string

  validation {
    condition     = can(regex("@sha256:[0-9a-f]{64}$", var.psql_image))
    error_message = "By digest (`…@sha256:…`)."
  }
}

variable "architecture" {
  description = "`ARM64` or `X86_64`."
  type        = string

  validation {
    condition     = contains(["ARM64", "X86_64"], var.architecture)
    error_message = "ARM64 or X86_64."
  }
}

variable "sizes" {
  description = "Process => CPU units (1024 are one vCPU), MiB of memory, and the bounds between which tasks are added and taken away."
  type = map(object({
    cpu        = number
    memory_mib = number
    min_tasks  = number
    max_tasks  = number
  }))

  validation {
    condition     = toset(keys(var.sizes)) == toset(["auth-svc", "gateway", "moderation-svc", "room-svc", "social-svc"])
    error_message = "Exactly the five processes."
  }

  validation {
    condition     = alltrue([for size in values(var.sizes) : contains([256, 512, 1024, 2048, 4096], size.cpu) && size.memory_mib >= 2 * size.cpu && size.memory_mib <= 8 * size.cpu])
    error_message = "Fargate knows 256, 512, 1024, 2048 and 4096 units, with 2 to 8 MiB for each."
  }

  validation {
    condition     = alltrue([for size in values(var.sizes) : size.min_tasks >= 1 && size.max_tasks >= size.min_tasks])
    error_message = "At least one task, and not more at least than at most."
  }
}

variable "cpu_percent" {
  description = "CPU, in percent, at which tasks are added (`scale_out`) and taken away (`scale_in`)."
  type = object({
    scale_in  = number
    scale_out = number
  })
  default = { scale_in = 10, scale_out = 85 }

  validation {
    condition     = var.cpu_percent.scale_in > 0 && var.cpu_percent.scale_in * 2 < var.cpu_percent.scale_out && var.cpu_percent.scale_out < 100
    error_message = "Between 0 and 100, and scale_out more than twice scale_in: when one of two tasks goes, the other has twice as much to do."
  }
}

variable "shutdown" {
  description = "For gateways and for services: seconds of new work after \"not ready\" (lag), for what is under way (grace), and until a process is killed (stop)."
  type = map(object({
    lag_seconds   = number
    grace_seconds = number
    stop_seconds  = number
  }))
  default = {
    gateway = { lag_seconds = 0, grace_seconds = 40, stop_seconds = 60 }
    service = { lag_seconds = 0, grace_seconds = 25, stop_seconds = 45 }
  }

  validation {
    condition     = toset(keys(var.shutdown)) == toset(["gateway", "service"])
    error_message = "Exactly `gateway` and `service`."
  }

  validation {
    # The process itself takes up to 10 s more for its stores, its internal ports and its last spans.
    condition     = alltrue([for times in values(var.shutdown) : times.lag_seconds + times.grace_seconds + 10 <= times.stop_seconds && times.stop_seconds <= 120])
    error_message = "lag + grace + 10 <= stop <= 120, which is all that Fargate allows."
  }
}

variable "drain_seconds" {
  description = "Seconds over which a gateway sends its people away (`gateway.drain_ms`)."
  type        = number
  default     = 30

  validation {
    condition     = var.drain_seconds < var.shutdown["gateway"].grace_seconds
    error_message = "Less than the gateway's grace, in which it happens."
  }
}

variable "heartbeat_seconds" {
  description = "After so many seconds without a frame a gateway pings (`gateway.heartbeat_ms`)."
  type        = number
}

variable "container_port" {
  description = "Port of a gateway for clients."
  type        = number
}

variable "health_port" {
  description = "Internal port of every process: `/livez`, `/readyz`, `/metrics`."
  type        = number
}

variable "grpc_port" {
  description = "Port of every service for operators."
  type        = number
  default     = 50051
}

variable "origins" {
  description = "Browser origins that may connect, exactly, such as `https://chat.example.org`."
  type        = list(string)

  validation {
    condition     = length(var.origins) > 0 && alltrue([for origin in var.origins : can(regex("^https://[a-z0-9.-]+(:[0-9]+)?$", origin))])
    error_message = "At least one, each https://host[:port] in lower case, without a path: gateways refuse all others."
  }
}

variable "environment" {
  description = "Process => more settings by their names in docs/configuration.md. They win over what is set here, and are no place for secrets."
  type        = map(map(string))
  default     = {}

  validation {
    condition     = alltrue(flatten([for settings in values(var.environment) : [for name in keys(settings) : can(regex("^HUBBUB_[A-Z0-9_]+$", name))]]))
    error_message = "Names begin with HUBBUB_."
  }
}

variable "otlp_endpoint" {
  description = "OTLP collector (gRPC, port 4317) in the network, such as `http://collector.internal:4317`; empty keeps traces in the process."
  type        = string
  default     = ""
}
