# Whoever is woken: an address that confirms its subscription.
resource "aws_sns_topic" "alarms" {
  name              = "${var.name}-alarms"
  kms_master_key_id = var.key_arn
}

resource "aws_sns_topic_subscription" "mail" {
  for_each = var.alarm_mails

  topic_arn = aws_sns_topic.alarms.arn
  protocol  = "email"
  endpoint  = each.key
}

locals {
  # Each says what a person should look at. Thresholds are those at which something is wrong, not unusual.
  alarms = merge(
    {
      no-gateway = {
        text       = "Fewer than two gateways answer /readyz: look at the tasks of the service gateway and why they stopped"
        namespace  = "AWS/ApplicationELB", metric = "HealthyHostCount", statistic = "Minimum"
        dimensions = { LoadBalancer = var.load_balancer_suffix, TargetGroup = var.target_group_suffix }
        operator   = "LessThanThreshold", threshold = var.min_gateways, periods = 3, missing = "breaching"
      }
      gateway-errors = {
        text       = "Gateways answer 5xx: look at their logs for level ERROR"
        namespace  = "AWS/ApplicationELB", metric = "HTTPCode_Target_5XX_Count", statistic = "Sum"
        dimensions = { LoadBalancer = var.load_balancer_suffix }
        operator   = "GreaterThanThreshold", threshold = 25, periods = 5, missing = "notBreaching"
      }
      postgres-cpu = {
        text       = "Postgres is busy: look at Performance Insights for the statement that takes the time"
        namespace  = "AWS/RDS", metric = "CPUUtilization", statistic = "Average"
        dimensions = { DBInstanceIdentifier = var.postgres_identifier }
        operator   = "GreaterThanThreshold", threshold = 80, periods = 10, missing = "breaching"
      }
      postgres-disk = {
        text       = "Postgres has less than 5 GiB of disk left and does not grow by itself any more"
        namespace  = "AWS/RDS", metric = "FreeStorageSpace", statistic = "Minimum"
        dimensions = { DBInstanceIdentifier = var.postgres_identifier }
        operator   = "LessThanThreshold", threshold = 5 * 1024 * 1024 * 1024, periods = 5, missing = "breaching"
      }
      valkey-memory = {
        text       = "Valkey is nearly full and forgets what is still in use: take a larger node"
        namespace  = "AWS/ElastiCache", metric = "DatabaseMemoryUsagePercentage", statistic = "Maximum"
        dimensions = { ReplicationGroupId = var.valkey_identifier }
        operator   = "GreaterThanThreshold", threshold = 90, periods = 10, missing = "notBreaching"
      }
    },
    { for zone, instance in var.bus_instance_ids : "bus-${zone}" => {
      text       = "The server of the bus in ${zone} is away: the others carry on; replace it"
      namespace  = "AWS/EC2", metric = "StatusCheckFailed", statistic = "Maximum"
      dimensions = { InstanceId = instance }
      operator   = "GreaterThanThreshold", threshold = 0, periods = 3, missing = "breaching"
    } },
  )
}

resource "aws_cloudwatch_metric_alarm" "this" {
  for_each = local.alarms

  alarm_name          = "${var.name}-${each.key}"
  alarm_description   = each.value.text
  namespace           = each.value.namespace
  metric_name         = each.value.metric
  dimensions          = each.value.dimensions
  statistic           = each.value.statistic
  period              = 60
  evaluation_periods  = each.value.periods
  comparison_operator = each.value.operator
  threshold           = each.value.threshold
  treat_missing_data  = each.value.missing
  alarm_actions       = [aws_sns_topic.alarms.arn]
  ok_actions          = [aws_sns_topic.alarms.arn]
}

# How long connections last, in five-minute steps, from the log line that a gateway writes when one ends.
resource "aws_cloudwatch_query_definition" "durations" {
  name            = "${var.name}/how long connections last"
  log_group_names = [var.log_group_names["gateway"]]

  query_string = <<-QUERY
    fields @timestamp, connection_id, user_id, duration_seconds
    | filter event_type = "connection_disconnected"
    | stats avg(duration_seconds) by bin(5m)
  QUERY
}

resource "aws_cloudwatch_query_definition" "errors" {
  name            = "${var.name}/errors by process"
  log_group_names = values(var.log_group_names)

  query_string = <<-QUERY
    fields @timestamp, @log, level, event_type, message, trace_id
    | filter level = "ERROR"
    | sort @timestamp desc
    | limit 200
  QUERY
}
