mock_provider "aws" {
  source = "../../tests/aws"
}

variables {
  name   = "hubbub-test"
  vpc_id = "vpc-0123456789abcdef0"
  subnets = {
    eu-central-1a = "subnet-0123456789abcdef0"
    eu-central-1b = "subnet-0123456789abcdef1"
    eu-central-1c = "subnet-0123456789abcdef2"
  }
  public_keys = {
    auth-svc       = "UAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
    gateway        = "UBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB"
    moderation-svc = "UCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCC"
    room-svc       = "UDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDD"
    social-svc     = "UEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEE"
  }
  server = {
    url    = "https://example.org/nats-server-linux-arm64.tar.gz"
    sha256 = "0000000000000000000000000000000000000000000000000000000000000000"
  }
  architecture     = "arm64"
  instance_type    = "c7g.large"
  disk_gib         = 10
  key_arn          = "arn:aws:kms:eu-central-1:111122223333:key/11111111-2222-3333-4444-555555555555"
  route_secret_arn = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:hubbub-test/bus/route-AbCdEf"
  tls_secret_arn   = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:hubbub-test/bus/tls-AbCdEf"
}

run "one_server_with_its_own_disk_in_each_zone" {
  command = apply

  assert {
    condition     = length(aws_instance.this) == 3 && toset([for volume in aws_ebs_volume.this : volume.availability_zone]) == toset(keys(var.subnets))
    error_message = "Three servers, three disks, three zones."
  }

  assert {
    condition     = alltrue([for volume in aws_ebs_volume.this : volume.encrypted && volume.kms_key_id == var.key_arn])
    error_message = "Disks are encrypted with our own key."
  }

  assert {
    condition     = alltrue([for instance in aws_instance.this : instance.root_block_device[0].encrypted && instance.metadata_options[0].http_tokens == "required"])
    error_message = "So is the system's; metadata ask for a token."
  }

  assert {
    condition     = output.url == "tls://1.bus.hubbub-test.internal:4222,tls://2.bus.hubbub-test.internal:4222,tls://3.bus.hubbub-test.internal:4222"
    error_message = "Processes are given all three."
  }
}

run "who_may_say_and_hear_what_comes_from_the_table" {
  command = apply

  assert {
    condition     = alltrue([for configuration in local.configurations : length(configuration.accounts.APP.users) == 5 && length(keys(configuration.accounts.SYS)) == 0])
    error_message = "The five processes enter APP, and nobody enters SYS."
  }

  assert {
    condition = alltrue([for user in local.users :
      length(user.permissions.publish.allow) > 0 && length(user.permissions.subscribe.allow) > 0 && !contains(concat(user.permissions.publish.allow, user.permissions.subscribe.allow), ">")
    ])
    error_message = "Each may do something, and none may hear everything: to the server an empty list is no restriction."
  }

  assert {
    condition     = alltrue([for configuration in local.configurations : configuration.max_payload == 1048576 && configuration.write_deadline == "2s" && !can(configuration.no_auth_user)])
    error_message = "The bounds that the code counts on; nobody comes in without a key."
  }

  assert {
    condition     = alltrue([for configuration in local.configurations : length(configuration.cluster.routes) == 2 && configuration.cluster.authorization.password == ""])
    error_message = "Each knows the other two; the password comes on the machine."
  }
}

run "nothing_is_said_in_clear" {
  command = apply

  assert {
    condition     = alltrue([for configuration in local.configurations : configuration.tls.key_file == "/etc/nats/tls.key" && configuration.cluster.tls.verify && !can(configuration.allow_non_tls)])
    error_message = "TLS for processes; between servers both sides prove themselves."
  }
}

run "routes_are_for_servers_alone" {
  command = apply

  assert {
    condition     = aws_vpc_security_group_ingress_rule.route.referenced_security_group_id == aws_security_group.this.id && aws_vpc_security_group_ingress_rule.route.from_port == 6222
    error_message = "Whoever enters there speaks for everybody."
  }
}

run "a_seed_is_no_public_key" {
  command = plan

  variables {
    public_keys = {
      auth-svc       = "SUAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
      gateway        = "UBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB"
      moderation-svc = "UCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCC"
      room-svc       = "UDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDD"
      social-svc     = "UEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEE"
    }
  }

  expect_failures = [var.public_keys]
}

run "a_program_without_a_checksum_is_refused" {
  command = plan

  variables {
    server = { url = "https://example.org/nats-server-linux-arm64.tar.gz", sha256 = "" }
  }

  expect_failures = [var.server]
}
