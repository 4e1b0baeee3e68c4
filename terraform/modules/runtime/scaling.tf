# One more quarter at 85 % of CPU, one less at 10 %. Not by a target between them: taking a gateway away sends its people
# elsewhere, so it happens only when there is next to nothing to do.
resource "aws_appautoscaling_target" "this" {
  for_each = local.running

  service_namespace  = "ecs"
  scalable_dimension = "ecs:service:DesiredCount"
  resource_id        = "service/${aws_ecs_cluster.this.name}/${aws_ecs_service.this[each.key].name}"
  min_capacity       = each.value.min_tasks
  max_capacity       = each.value.max_tasks
}

resource "aws_appautoscaling_policy" "out" {
  for_each = local.running

  name               = "${var.name}-${each.key}-out"
  policy_type        = "StepScaling"
  service_namespace  = aws_appautoscaling_target.this[each.key].service_namespace
  scalable_dimension = aws_appautoscaling_target.this[each.key].scalable_dimension
  resource_id        = aws_appautoscaling_target.this[each.key].resource_id

  step_scaling_policy_configuration {
    adjustment_type          = "PercentChangeInCapacity"
    min_adjustment_magnitude = 1
    cooldown                 = 60
    metric_aggregation_type  = "Average"

    step_adjustment {
      metric_interval_lower_bound = 0
      scaling_adjustment          = 25
    }
  }
}

resource "aws_appautoscaling_policy" "in" {
  for_each = local.running

  name               = "${var.name}-${each.key}-in"
  policy_type        = "StepScaling"
  service_namespace  = aws_appautoscaling_target.this[each.key].service_namespace
  scalable_dimension = aws_appautoscaling_target.this[each.key].scalable_dimension
  resource_id        = aws_appautoscaling_target.this[each.key].resource_id

  step_scaling_policy_configuration {
    adjustment_type         = "ChangeInCapacity"
    cooldown                = 120
    metric_aggregation_type = "Average"

    step_adjustment {
      metric_interval_upper_bound = 0
      scaling_adjustment          = -1
    }
  }
}

resource "aws_cloudwatch_metric_alarm" "busy" {
  for_each = local.running

  alarm_name          = "${var.name}-${each.key}-cpu-high"
  alarm_description   = "Adds tasks of ${each.key}"
  namespace           = "AWS/ECS"
  metric_name         = "CPUUtilization"
  dimensions          = { ClusterName = aws_ecs_cluster.this.name, ServiceName = aws_ecs_service.this[each.key].name }
  statistic           = "Average"
  period              = 60
  evaluation_periods  = 2
  comparison_operator = "GreaterThanOrEqualToThreshold"
  threshold           = var.cpu_percent.scale_out
  alarm_actions       = [aws_appautoscaling_policy.out[each.key].arn]
}

resource "aws_cloudwatch_metric_alarm" "idle" {
  for_each = local.running

  alarm_name          = "${var.name}-${each.key}-cpu-low"
  alarm_description   = "Takes a task of ${each.key} away"
  namespace           = "AWS/ECS"
  metric_name         = "CPUUtilization"
  dimensions          = { ClusterName = aws_ecs_cluster.this.name, ServiceName = aws_ecs_service.this[each.key].name }
  statistic           = "Average"
  period              = 60
  evaluation_periods  = 10
  comparison_operator = "LessThanOrEqualToThreshold"
  threshold           = var.cpu_percent.scale_in
  alarm_actions       = [aws_appautoscaling_policy.in[each.key].arn]
}
