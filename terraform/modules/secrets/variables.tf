variable "name" {
  description = "Begins every name, such as `hubbub-prod`."
  type        = string
}

variable "services" {
  description = "Processes that have a key of their own on the bus."
  type        = set(string)

  validation {
    condition     = length(var.services) > 0
    error_message = "A bus that nobody may enter serves nobody."
  }
}

variable "key_arn" {
  description = "ARN of the key that encrypts the secrets."
  type        = string
}

variable "recovery_days" {
  description = "Days for which a deleted secret can be brought back; 0 deletes at once."
  type        = number

  validation {
    condition     = var.recovery_days == 0 || (var.recovery_days >= 7 && var.recovery_days <= 30)
    error_message = "0, or 7 to 30."
  }
}
