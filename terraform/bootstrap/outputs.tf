output "backend" {
  description = "Content of `backend.hcl` for every environment."
  value       = <<-HCL
    bucket     = "${aws_s3_bucket.state.id}"
    region     = "${var.region}"
    kms_key_id = "${module.key.arn}"
  HCL
}

output "permissions_boundary_arn" {
  description = "ARN of the policy that bounds every role of the product."
  value       = aws_iam_policy.boundary.arn
}

output "plan_role_arns" {
  description = "Environment => ARN of the role that plans: the variable AWS_ROLE of the environment `<name>-plan` in GitHub."
  value       = { for environment, role in aws_iam_role.plan : environment => role.arn }
}

output "apply_role_arns" {
  description = "Environment => ARN of the role that changes: the variable AWS_ROLE of the environment `<name>` in GitHub."
  value       = { for environment, role in aws_iam_role.apply : environment => role.arn }
}
