variable "name" {
  description = "Begins every name, such as `hubbub-prod`."
  type        = string
}

variable "region" {
  description = "Region of everything here."
  type        = string
}

variable "key_arn" {
  description = "ARN of a key that CloudWatch and SNS may use."
  type        = string
}

variable "alarm_mails" {
  description = "Addresses that alarms are mailed to; each confirms once."
  type        = set(string)

  validation {
    condition     = alltrue([for mail in var.alarm_mails : can(regex("^[^@ ]+@[^@ ]+$", mail))])
    error_message = "Addresses of mail."
  }
}

variable "load_balancer_suffix" {
  description = "The load balancer, as metrics name it."
  type        = string
}

variable "target_group_suffix" {
  description = "The group of gateways, as metrics name it."
  type        = string
}

variable "min_gateways" {
  description = "Fewer gateways than this that answer are an alarm."
  type        = number

  validation {
    condition     = var.min_gateways >= 1
    error_message = "At least one."
  }
}

variable "cluster_name" {
  description = "Name of the cluster that processes run in."
  type        = string
}

variable "log_group_names" {
  description = "Process => name of its log group."
  type        = map(string)
}

variable "postgres_identifier" {
  description = "The database, as metrics name it."
  type        = string
}

variable "valkey_identifier" {
  description = "Valkey, as metrics name it."
  type        = string
}

variable "bus_instance_ids" {
  description = "Zone => id of the machine of its server of the bus."
  type        = map(string)
}
