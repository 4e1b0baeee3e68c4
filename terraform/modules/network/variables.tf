variable "name" {
  description = "Begins every name, such as `hubbub-prod`."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,18}[a-z0-9]$", var.name))
    error_message = "3 to 20 lower-case letters, digits and dashes: names of load balancers end at 32."
  }
}

variable "cidr" {
  description = "The network's own range; it must not meet that of another network this one is ever joined with."
  type        = string

  validation {
    condition     = can(cidrnetmask(var.cidr)) && try(tonumber(split("/", var.cidr)[1]), 99) <= 20
    error_message = "An IPv4 range of /20 or wider: it is cut into sixteen."
  }
}

variable "zone_count" {
  description = "How many availability zones are used."
  type        = number

  validation {
    condition     = contains([2, 3, 4], var.zone_count)
    error_message = "2, 3 or 4: two are the least that a load balancer and Multi-AZ ask for, and four fit the plan of addresses."
  }
}

variable "logs_key_arn" {
  description = "ARN of the key that encrypts logs."
  type        = string
}

variable "flow_log_days" {
  description = "Days for which it is kept who spoke with whom."
  type        = number

  validation {
    condition     = contains([7, 14, 30, 60, 90, 180, 365], var.flow_log_days)
    error_message = "One of 7, 14, 30, 60, 90, 180 and 365, which are what CloudWatch offers."
  }
}

variable "permissions_boundary_arn" {
  description = "ARN of the policy that bounds every role made here; null for none."
  type        = string
  default     = null
}
