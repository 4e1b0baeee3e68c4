terraform {
  required_version = ">= 1.11.0, < 2.0.0"

  # This makes the bucket that all other states lie in, so its own lies here, in a file. It holds no secret; keep it.
  backend "local" {}

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 6.62"
    }
  }
}

provider "aws" {
  region              = var.region
  allowed_account_ids = [var.account_id]

  default_tags {
    tags = {
      Application = "hubbub"
      ManagedBy   = "terraform"
    }
  }
}
