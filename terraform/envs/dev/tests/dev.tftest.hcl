mock_provider "aws" {
  source = "../../tests/aws"
}

variables {
  account_id               = "111122223333"
  region                   = "eu-central-1"
  zone_name                = "example.org"
  host_name                = "chat.example.org"
  permissions_boundary_arn = "arn:aws:iam::111122223333:policy/hubbub-boundary"
  postgres_ca_file         = "tests/authorities.pem"
  bus_ca_file              = "tests/authorities.pem"
  toolbox_image            = "public.ecr.aws/docker/library/busybox@sha256:0000000000000000000000000000000000000000000000000000000000000000"
  psql_image               = "public.ecr.aws/docker/library/postgres@sha256:0000000000000000000000000000000000000000000000000000000000000000"
  bus_server = {
    url    = "https://example.org/nats-server-linux-arm64.tar.gz"
    sha256 = "0000000000000000000000000000000000000000000000000000000000000000"
  }
  bus_public_keys = {
    auth-svc       = "UAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
    gateway        = "UBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB"
    moderation-svc = "UCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCC"
    room-svc       = "UDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDDD"
    social-svc     = "UEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEE"
  }
}

run "before_the_first_release_everything_but_processes_is_there" {
  command = apply

  assert {
    condition     = length(output.services) == 0 && length(output.repository_urls) == 5 && length(output.nat_addresses) == 3
    error_message = "Repositories to push to, a NAT gateway for each zone, and no process yet."
  }
}

run "with_images_all_five_run" {
  command = apply

  variables {
    images = {
      auth-svc       = "111122223333.dkr.ecr.eu-central-1.amazonaws.com/hubbub-dev/auth-svc@sha256:0000000000000000000000000000000000000000000000000000000000000000"
      gateway        = "111122223333.dkr.ecr.eu-central-1.amazonaws.com/hubbub-dev/gateway@sha256:0000000000000000000000000000000000000000000000000000000000000000"
      moderation-svc = "111122223333.dkr.ecr.eu-central-1.amazonaws.com/hubbub-dev/moderation-svc@sha256:0000000000000000000000000000000000000000000000000000000000000000"
      room-svc       = "111122223333.dkr.ecr.eu-central-1.amazonaws.com/hubbub-dev/room-svc@sha256:0000000000000000000000000000000000000000000000000000000000000000"
      social-svc     = "111122223333.dkr.ecr.eu-central-1.amazonaws.com/hubbub-dev/social-svc@sha256:0000000000000000000000000000000000000000000000000000000000000000"
    }
  }

  assert {
    condition     = toset(output.services) == toset(["auth-svc", "gateway", "moderation-svc", "room-svc", "social-svc"])
    error_message = "Five processes."
  }

  assert {
    condition     = output.socket_url == "wss://chat.example.org/v1/rt"
    error_message = "Sockets are opened at the site's own name."
  }

  assert {
    condition     = length(split(",", output.bus_url)) == 3
    error_message = "A server of the bus in each zone."
  }
}

run "a_number_that_is_no_account_is_refused" {
  command = plan

  variables {
    account_id = "1111"
  }

  expect_failures = [var.account_id]
}
