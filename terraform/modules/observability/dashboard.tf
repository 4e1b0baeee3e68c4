locals {
  # What AWS measures of us. What the processes measure themselves is on Grafana's dashboards.
  panels = [
    { title = "Requests and sockets opened, per minute", stat = "Sum", metrics = [
      ["AWS/ApplicationELB", "RequestCount", "LoadBalancer", var.load_balancer_suffix],
      ["AWS/ApplicationELB", "NewConnectionCount", "LoadBalancer", var.load_balancer_suffix],
    ] },
    { title = "Connections that are open", stat = "Sum", metrics = [
      ["AWS/ApplicationELB", "ActiveConnectionCount", "LoadBalancer", var.load_balancer_suffix],
    ] },
    { title = "Errors", stat = "Sum", metrics = [
      ["AWS/ApplicationELB", "HTTPCode_Target_5XX_Count", "LoadBalancer", var.load_balancer_suffix],
      ["AWS/ApplicationELB", "HTTPCode_ELB_5XX_Count", "LoadBalancer", var.load_balancer_suffix],
      ["AWS/ApplicationELB", "TargetConnectionErrorCount", "LoadBalancer", var.load_balancer_suffix],
    ] },
    { title = "Time of an answer, p99", stat = "p99", metrics = [
      ["AWS/ApplicationELB", "TargetResponseTime", "LoadBalancer", var.load_balancer_suffix],
    ] },
    { title = "CPU by process, percent", stat = "Average", metrics = [
      for service in sort(keys(var.log_group_names)) : ["AWS/ECS", "CPUUtilization", "ClusterName", var.cluster_name, "ServiceName", service]
    ] },
    { title = "Memory by process, percent", stat = "Average", metrics = [
      for service in sort(keys(var.log_group_names)) : ["AWS/ECS", "MemoryUtilization", "ClusterName", var.cluster_name, "ServiceName", service]
    ] },
    { title = "Postgres: connections", stat = "Maximum", metrics = [
      ["AWS/RDS", "DatabaseConnections", "DBInstanceIdentifier", var.postgres_identifier],
    ] },
    { title = "Postgres: seconds of one write", stat = "Average", metrics = [
      ["AWS/RDS", "WriteLatency", "DBInstanceIdentifier", var.postgres_identifier],
    ] },
  ]
}

resource "aws_cloudwatch_dashboard" "this" {
  dashboard_name = var.name

  dashboard_body = jsonencode({
    widgets = [for number, panel in local.panels : {
      type   = "metric"
      width  = 12
      height = 6
      x      = 12 * (number % 2)
      y      = 6 * floor(number / 2)
      properties = {
        title   = panel.title
        view    = "timeSeries"
        region  = var.region
        stat    = panel.stat
        period  = 60
        metrics = panel.metrics
      }
    }]
  })
}
