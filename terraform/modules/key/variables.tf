variable "name" {
  description = "Name of the key's alias, without `alias/`."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9/-]{1,200}$", var.name))
    error_message = "Lower-case letters, digits, dashes and slashes."
  }
}

variable "description" {
  description = "What the key encrypts."
  type        = string
}

variable "services" {
  description = "AWS services that use the key by themselves, such as `cloudwatch.amazonaws.com`, whose alarms tell an encrypted topic."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for service in var.services : endswith(service, ".amazonaws.com")])
    error_message = "Each is a service principal: it ends with .amazonaws.com."
  }
}

variable "is_for_logs" {
  description = "Whether CloudWatch Logs encrypts with it."
  type        = bool
  default     = false
}
