output "repository_arns" {
  description = "Process => ARN of its repository."
  value       = { for service, repository in aws_ecr_repository.this : service => repository.arn }
}

output "repository_urls" {
  description = "Process => address of its repository, to push to."
  value       = { for service, repository in aws_ecr_repository.this : service => repository.repository_url }
}
