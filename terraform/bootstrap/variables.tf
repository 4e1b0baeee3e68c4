variable "account_id" {
  description = "Number of the AWS account; credentials of any other are refused."
  type        = string

  validation {
    condition     = can(regex("^[0-9]{12}$", var.account_id))
    error_message = "Twelve digits."
  }
}

variable "region" {
  description = "Region of the states, such as `eu-central-1`."
  type        = string
}

variable "repository" {
  description = "GitHub repository whose workflows may deploy, as `owner/name`."
  type        = string

  validation {
    condition     = can(regex("^[A-Za-z0-9-]+/[A-Za-z0-9._-]+$", var.repository))
    error_message = "owner/name, exactly: with a pattern other repositories could deploy here."
  }
}

variable "environments" {
  description = "Environments that may be deployed; GitHub has one of each name, with people who approve, and one `<name>-plan` without."
  type        = set(string)
  default     = ["dev", "prod"]

  validation {
    condition     = alltrue([for environment in var.environments : can(regex("^[a-z][a-z0-9]{1,9}$", environment))])
    error_message = "Lower-case letters and digits."
  }
}
