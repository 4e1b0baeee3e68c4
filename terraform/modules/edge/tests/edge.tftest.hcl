mock_provider "aws" {
  source = "../../tests/aws"
}

variables {
  name              = "hubbub-test"
  vpc_id            = "vpc-0123456789abcdef0"
  subnet_ids        = ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"]
  zone_name         = "example.org"
  host_name         = "chat.example.org"
  container_port    = 80
  health_port       = 9090
  heartbeat_seconds = 25
  is_protected      = true
  access_log_days   = 90
}

run "an_idle_socket_outlives_its_heartbeats" {
  command = plan

  assert {
    condition     = aws_lb.this.idle_timeout > 60 && aws_lb.this.idle_timeout >= 2 * var.heartbeat_seconds
    error_message = "More than the 60 s of the default, and than two pings take."
  }
}

run "the_default_of_load_balancers_is_refused" {
  command = plan

  variables {
    idle_timeout_seconds = 60
  }

  expect_failures = [var.idle_timeout_seconds]
}

run "a_heartbeat_too_slow_is_refused" {
  command = plan

  variables {
    heartbeat_seconds = 70
  }

  expect_failures = [var.idle_timeout_seconds]
}

run "ports_443_and_8080_lead_to_the_container" {
  command = apply

  assert {
    condition     = toset([for listener in aws_lb_listener.tls : listener.port]) == toset([443, 8080])
    error_message = "TLS on 443 and 8080."
  }

  assert {
    condition = alltrue([for listener in aws_lb_listener.tls :
      listener.protocol == "HTTPS" && listener.default_action[0].target_group_arn == aws_lb_target_group.gateway.arn && listener.certificate_arn == aws_acm_certificate_validation.this.certificate_arn
    ])
    error_message = "Each with the certificate, to the gateways."
  }

  assert {
    condition     = aws_lb_target_group.gateway.port == 80
    error_message = "At the container's port."
  }

  assert {
    condition     = aws_lb_listener.redirect.port == 80 && aws_lb_listener.redirect.default_action[0].redirect[0].port == "443"
    error_message = "Plain HTTP is sent to TLS."
  }

  assert {
    condition     = toset([for rule in aws_vpc_security_group_ingress_rule.listener : rule.from_port]) == toset([80, 443, 8080])
    error_message = "Those three ports are open, and no other."
  }
}

run "only_ready_gateways_get_clients" {
  command = plan

  assert {
    condition     = aws_lb_target_group.gateway.health_check[0].path == "/readyz" && aws_lb_target_group.gateway.health_check[0].port == "9090"
    error_message = "Asked at the internal port."
  }

  assert {
    condition     = alltrue([for listener in aws_lb_listener.tls : listener.port != 9090])
    error_message = "To which no listener leads."
  }
}

run "clients_never_reach_metrics" {
  command = plan

  variables {
    health_port = 80
  }

  expect_failures = [var.health_port]
}

run "a_name_and_a_certificate_for_it" {
  command = apply

  assert {
    condition     = aws_route53_record.site.name == "chat.example.org" && aws_route53_record.site.alias[0].name == aws_lb.this.dns_name
    error_message = "The name leads to the load balancer."
  }

  assert {
    condition     = aws_acm_certificate.this.domain_name == "chat.example.org" && aws_acm_certificate.this.validation_method == "DNS"
    error_message = "The certificate is for that name."
  }

  assert {
    condition     = aws_route53_record.validation["chat.example.org"].type == "CNAME"
    error_message = "And proves itself by DNS."
  }
}

run "a_name_outside_the_zone_is_refused" {
  command = plan

  variables {
    host_name = "chat.example.com"
  }

  expect_failures = [var.host_name]
}
