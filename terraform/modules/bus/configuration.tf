locals {
  # Who may say and hear what: made from proto/src/bus/peers.rs, the same file that the chart uses.
  table = jsondecode(file("${path.module}/../../../helm/hubbub/files/bus.json"))

  users = [
    for name, rights in local.table.peers : {
      nkey = var.public_keys[name]
      permissions = {
        publish         = { allow = rights.publish }
        subscribe       = { allow = rights.subscribe }
        allow_responses = local.table.allow_responses
      }
    }
  ]

  # One file for each server. The password between servers and the certificate are put in on the machine; nothing here is secret.
  configurations = {
    for zone, host in local.hosts : zone => merge(local.table.limits, {
      server_name        = host
      listen             = "0.0.0.0:${var.client_port}"
      logfile            = "/var/lib/nats/server.log"
      logfile_size_limit = 64 * 1024 * 1024
      system_account     = "SYS"
      accounts           = { SYS = {}, APP = { users = local.users } }
      # Seconds for a greeting: a server that is busy has more of them to do.
      tls = { cert_file = "/etc/nats/tls.crt", key_file = "/etc/nats/tls.key", timeout = 5 }
      cluster = {
        name          = "hubbub"
        listen        = "0.0.0.0:${var.route_port}"
        authorization = { user = "route", password = "" }
        # Between servers both sides prove themselves.
        tls    = { cert_file = "/etc/nats/tls.crt", key_file = "/etc/nats/tls.key", ca_file = "/etc/nats/ca.pem", verify = true, timeout = 5 }
        routes = [for other in local.hosts : "${other}:${var.route_port}" if other != host]
        # Processes keep to the names they were given.
        no_advertise = true
        # A silent server is given up after two seconds: until then requests are handed to it that nobody answers.
        ping_interval = "1s"
        ping_max      = 2
      }
    })
  }
}

resource "aws_s3_bucket" "configuration" {
  bucket_prefix = "${var.name}-bus-"
  force_destroy = true
}

resource "aws_s3_bucket_public_access_block" "configuration" {
  bucket = aws_s3_bucket.configuration.id

  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_versioning" "configuration" {
  bucket = aws_s3_bucket.configuration.id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "configuration" {
  bucket = aws_s3_bucket.configuration.id

  rule {
    bucket_key_enabled = true

    apply_server_side_encryption_by_default {
      sse_algorithm     = "aws:kms"
      kms_master_key_id = var.key_arn
    }
  }
}

resource "aws_s3_bucket_policy" "configuration" {
  bucket = aws_s3_bucket.configuration.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "NothingInClear"
      Effect    = "Deny"
      Principal = "*"
      # `*`: a refusal of everything to everybody who does not use TLS.
      Action    = "s3:*"
      Resource  = [aws_s3_bucket.configuration.arn, "${aws_s3_bucket.configuration.arn}/*"]
      Condition = { Bool = { "aws:SecureTransport" = "false" } }
    }]
  })

  depends_on = [aws_s3_bucket_public_access_block.configuration]
}

# Machines look every minute; a server takes new rights in without a restart.
resource "aws_s3_object" "configuration" {
  for_each = local.configurations

  bucket       = aws_s3_bucket.configuration.id
  key          = "${each.key}.json"
  content      = jsonencode(each.value)
  content_type = "application/json"
  kms_key_id   = var.key_arn

  depends_on = [aws_s3_bucket_versioning.configuration]
}
