locals {
  zones  = sort(keys(var.subnets))
  domain = "bus.${var.name}.internal"
  # Zone => the server's name, which outlives the machine it runs on.
  hosts = { for number, zone in local.zones : zone => "${number + 1}.${local.domain}" }
}

data "aws_ssm_parameter" "image" {
  name = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-${var.architecture}"
}

resource "aws_route53_zone" "this" {
  name = local.domain

  vpc {
    vpc_id = var.vpc_id
  }
}

resource "aws_route53_record" "server" {
  for_each = local.hosts

  zone_id = aws_route53_zone.this.zone_id
  name    = each.value
  type    = "A"
  ttl     = 60
  records = [aws_network_interface.this[each.key].private_ip]
}

resource "aws_security_group" "this" {
  name        = "${var.name}-bus"
  description = "The bus: processes of the product, and its servers among each other"
  vpc_id      = var.vpc_id
}

# Routes are for servers alone: whoever enters there speaks for everybody.
resource "aws_vpc_security_group_ingress_rule" "route" {
  security_group_id            = aws_security_group.this.id
  description                  = "Servers among each other"
  ip_protocol                  = "tcp"
  from_port                    = var.route_port
  to_port                      = var.route_port
  referenced_security_group_id = aws_security_group.this.id
}

resource "aws_vpc_security_group_egress_rule" "route" {
  security_group_id            = aws_security_group.this.id
  description                  = "Servers among each other"
  ip_protocol                  = "tcp"
  from_port                    = var.route_port
  to_port                      = var.route_port
  referenced_security_group_id = aws_security_group.this.id
}

resource "aws_vpc_security_group_egress_rule" "https" {
  security_group_id = aws_security_group.this.id
  description       = "The server's program, its configuration, Session Manager"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
  cidr_ipv4         = "0.0.0.0/0"
}

# The address belongs to the server and not to the machine: a machine that is replaced is found where the old one was.
resource "aws_network_interface" "this" {
  for_each = local.hosts

  description     = "Bus ${each.value}"
  subnet_id       = var.subnets[each.key]
  security_groups = [aws_security_group.this.id]

  tags = { Name = each.value }
}

# So does the disk. Core NATS keeps nothing; here are its logs, and the store of JetStream if it is ever turned on.
resource "aws_ebs_volume" "this" {
  for_each = local.hosts

  availability_zone = each.key
  type              = "gp3"
  size              = var.disk_gib
  encrypted         = true
  kms_key_id        = var.key_arn

  tags = { Name = each.value }
}

resource "aws_volume_attachment" "this" {
  for_each = local.hosts

  device_name                    = "/dev/sdf"
  volume_id                      = aws_ebs_volume.this[each.key].id
  instance_id                    = aws_instance.this[each.key].id
  stop_instance_before_detaching = true
}

resource "aws_instance" "this" {
  for_each = local.hosts

  ami                  = data.aws_ssm_parameter.image.insecure_value
  instance_type        = var.instance_type
  iam_instance_profile = aws_iam_instance_profile.this.name
  monitoring           = true
  ebs_optimized        = true

  primary_network_interface {
    network_interface_id = aws_network_interface.this[each.key].id
  }

  root_block_device {
    volume_type = "gp3"
    encrypted   = true
    kms_key_id  = var.key_arn
  }

  metadata_options {
    http_tokens                 = "required"
    http_put_response_hop_limit = 1
  }

  user_data_base64 = base64gzip(templatefile("${path.module}/boot.sh.tftpl", {
    bucket       = aws_s3_bucket.configuration.id
    disk         = "/dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_${replace(aws_ebs_volume.this[each.key].id, "-", "")}"
    key          = aws_s3_object.configuration[each.key].key
    route_secret = var.route_secret_arn
    server       = var.server
    tls_secret   = var.tls_secret_arn
  }))

  tags = { Name = each.value }

  lifecycle {
    # A new system image or server must not replace all of them in one go: the runbook replaces one after the other.
    ignore_changes = [ami, user_data_base64]
  }

  # Before its policy a machine would not find its configuration, and try again for minutes.
  depends_on = [aws_iam_role_policy.this, aws_iam_role_policy_attachment.session_manager]
}
