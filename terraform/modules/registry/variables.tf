variable "name" {
  description = "Begins every repository's name, such as `hubbub-prod`."
  type        = string
}

variable "services" {
  description = "Processes, each of which has an image of its own."
  type        = set(string)
}

variable "key_arn" {
  description = "ARN of the key that encrypts the images."
  type        = string
}

variable "kept_images" {
  description = "How many images of one process are kept. An index for two architectures and its two images count as three."
  type        = number
  default     = 90

  validation {
    condition     = var.kept_images >= 9
    error_message = "At least 9, which are three releases for two architectures."
  }
}
