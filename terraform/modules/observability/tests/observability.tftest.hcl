mock_provider "aws" {
  source = "../../tests/aws"
}

variables {
  name                 = "hubbub-test"
  region               = "eu-central-1"
  key_arn              = "arn:aws:kms:eu-central-1:111122223333:key/11111111-2222-3333-4444-666666666666"
  alarm_mails          = ["oncall@example.org"]
  load_balancer_suffix = "app/mock/0123456789abcdef"
  target_group_suffix  = "targetgroup/mock/0123456789abcdef"
  min_gateways         = 2
  cluster_name         = "hubbub-test"
  log_group_names      = { gateway = "/hubbub-test/gateway", room-svc = "/hubbub-test/room-svc" }
  postgres_identifier  = "hubbub-test"
  valkey_identifier    = "hubbub-test"
  bus_instance_ids     = { eu-central-1a = "i-0123456789abcdef0", eu-central-1b = "i-0123456789abcdef1" }
}

run "every_alarm_wakes_somebody_and_says_what_to_look_at" {
  command = apply

  assert {
    condition     = alltrue([for alarm in aws_cloudwatch_metric_alarm.this : length(alarm.alarm_actions) == 1 && length(alarm.alarm_description) > 40])
    error_message = "Told to the topic, in a sentence."
  }

  assert {
    condition     = aws_sns_topic.alarms.kms_master_key_id == var.key_arn
    error_message = "Encrypted with our own key."
  }

  assert {
    condition     = length([for name in keys(aws_cloudwatch_metric_alarm.this) : name if startswith(name, "bus-")]) == 2
    error_message = "One for each server of the bus."
  }
}

run "the_question_of_how_long_connections_last" {
  command = apply

  assert {
    condition     = aws_cloudwatch_query_definition.durations.query_string == "fields @timestamp, connection_id, user_id, duration_seconds\n| filter event_type = \"connection_disconnected\"\n| stats avg(duration_seconds) by bin(5m)\n"
    error_message = "Word for word."
  }
}

run "the_dashboard_is_json_with_a_panel_for_each_question" {
  command = apply

  assert {
    condition     = length(jsondecode(aws_cloudwatch_dashboard.this.dashboard_body).widgets) == 8
    error_message = "Eight panels."
  }
}
