terraform {
  required_version = ">= 1.11.0, < 2.0.0"

  # Which bucket is said at `terraform init -backend-config=backend.hcl`: its name has the account's number in it.
  # The lock lies beside the state (no DynamoDB): two people who apply at once do not overwrite each other.
  backend "s3" {
    key          = "hubbub/prod/terraform.tfstate"
    encrypt      = true
    use_lockfile = true
  }

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 6.62"
    }
    random = {
      source  = "hashicorp/random"
      version = "~> 3.7"
    }
  }
}

provider "aws" {
  region = var.region
  # Credentials of another account make and change nothing.
  allowed_account_ids = [var.account_id]

  default_tags {
    tags = {
      Application = "hubbub"
      Environment = "prod"
      ManagedBy   = "terraform"
    }
  }
}
