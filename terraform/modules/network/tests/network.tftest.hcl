mock_provider "aws" {
  source = "../../tests/aws"
}

variables {
  name          = "hubbub-test"
  cidr          = "10.30.0.0/16"
  zone_count    = 3
  logs_key_arn  = "arn:aws:kms:eu-central-1:111122223333:key/11111111-2222-3333-4444-555555555555"
  flow_log_days = 90
}

run "every_zone_has_its_own_way_out" {
  command = apply

  assert {
    condition     = length(aws_nat_gateway.this) == 3 && length(aws_eip.nat) == 3
    error_message = "One NAT gateway, with one address, for each zone."
  }

  assert {
    condition     = alltrue([for zone, gateway in aws_nat_gateway.this : gateway.subnet_id == aws_subnet.public[zone].id])
    error_message = "It stands in the zone it is for."
  }

  assert {
    condition     = alltrue([for zone, route in aws_route.nat : route.route_table_id == aws_route_table.private[zone].id && route.nat_gateway_id == aws_nat_gateway.this[zone].id])
    error_message = "Each zone's table leads to its own gateway."
  }

  assert {
    condition     = keys(aws_route_table_association.private) == keys(aws_nat_gateway.this)
    error_message = "Each private subnet uses a table."
  }
}

run "stores_have_no_way_out" {
  command = apply

  assert {
    condition     = alltrue([for association in aws_route_table_association.data : association.route_table_id == aws_route_table.data.id])
    error_message = "Subnets of stores share the table without routes."
  }

  assert {
    condition     = alltrue([for route in aws_route.nat : route.route_table_id != aws_route_table.data.id]) && aws_route.internet.route_table_id != aws_route_table.data.id
    error_message = "That table has no route."
  }
}

run "no_two_subnets_meet" {
  command = plan

  assert {
    condition     = length(distinct(concat([for subnet in aws_subnet.public : subnet.cidr_block], [for subnet in aws_subnet.private : subnet.cidr_block], [for subnet in aws_subnet.data : subnet.cidr_block]))) == 9
    error_message = "Nine subnets, nine ranges."
  }

  assert {
    condition     = alltrue([for subnet in aws_subnet.public : !subnet.map_public_ip_on_launch])
    error_message = "Nothing gets a public address by itself."
  }
}

run "four_zones_fit" {
  command = plan

  variables {
    zone_count = 4
  }

  assert {
    condition     = length(aws_nat_gateway.this) == 4
    error_message = "As many NAT gateways as zones."
  }
}

run "one_zone_is_refused" {
  command = plan

  variables {
    zone_count = 1
  }

  expect_failures = [var.zone_count]
}

run "a_range_too_small_is_refused" {
  command = plan

  variables {
    cidr = "10.0.0.0/24"
  }

  expect_failures = [var.cidr]
}
