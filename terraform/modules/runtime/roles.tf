# Makes the roles of the database and gives them their passwords, as RDS's master. Started by hand once, and again after
# new passwords: the services' own roles cannot do it, and nothing else ever holds the master's password.
resource "aws_ecs_task_definition" "roles" {
  family                   = "${var.name}-roles"
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = 256
  memory                   = 512
  execution_role_arn       = aws_iam_role.roles.arn

  runtime_platform {
    operating_system_family = "LINUX"
    cpu_architecture        = var.architecture
  }

  volume {
    name = "files"
  }

  container_definitions = jsonencode([merge(local.hardened, {
    name        = "roles"
    image       = var.psql_image
    essential   = true
    user        = "0"
    mountPoints = [{ sourceVolume = "files", containerPath = local.folder, readOnly = false }]
    command     = ["sh", "-euc", "printf %s \"$POSTGRES_CA\" >${local.ca_path} && printf %s \"$ROLES_SQL\" | psql --no-psqlrc --set ON_ERROR_STOP=1 --file -"]
    environment = [
      { name = "PGHOST", value = var.postgres.address },
      { name = "PGPORT", value = tostring(var.postgres.port) },
      { name = "PGDATABASE", value = var.postgres.database },
      { name = "PGSSLMODE", value = "verify-full" },
      { name = "PGSSLROOTCERT", value = local.ca_path },
      { name = "POSTGRES_CA", value = var.postgres_ca_pem },
      { name = "ROLES_SQL", value = file("${path.module}/roles.sql") },
    ]
    secrets = concat(
      [
        { name = "PGUSER", valueFrom = "${var.postgres.master_secret_arn}:username::" },
        { name = "PGPASSWORD", valueFrom = "${var.postgres.master_secret_arn}:password::" },
      ],
      [for login in sort(keys(var.role_secret_arns)) : {
        name      = "PASSWORD_${upper(replace(login, "-", "_"))}"
        valueFrom = "${var.role_secret_arns[login]}:password::"
      }],
    )
    logConfiguration = {
      logDriver = "awslogs"
      options   = { "awslogs-group" = aws_cloudwatch_log_group.roles.name, "awslogs-region" = var.region, "awslogs-stream-prefix" = "roles" }
    }
  })])
}

resource "aws_cloudwatch_log_group" "roles" {
  name              = "/${var.name}/roles"
  retention_in_days = var.log_days
  kms_key_id        = var.logs_key_arn
}

resource "aws_security_group" "roles" {
  name        = "${var.name}-roles"
  description = "The task that makes the roles of the database"
  vpc_id      = var.vpc_id
}

resource "aws_vpc_security_group_egress_rule" "roles" {
  security_group_id = aws_security_group.roles.id
  description       = "Registry, Secrets Manager, CloudWatch"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
  cidr_ipv4         = "0.0.0.0/0"
}

resource "aws_iam_role" "roles" {
  name                 = "${var.name}-roles-execution"
  permissions_boundary = var.permissions_boundary_arn
  assume_role_policy   = local.assumed_by_tasks
}

resource "aws_iam_role_policy" "roles" {
  name = "start"
  role = aws_iam_role.roles.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "ItsSecrets"
        Effect   = "Allow"
        Action   = "secretsmanager:GetSecretValue"
        Resource = concat(values(var.role_secret_arns), [var.postgres.master_secret_arn])
      },
      {
        Sid      = "OpenSecrets"
        Effect   = "Allow"
        Action   = "kms:Decrypt"
        Resource = var.key_arn
        # The key opens stores and disks, too; here it opens secrets alone.
        Condition = { StringEquals = { "kms:ViaService" = "secretsmanager.${var.region}.amazonaws.com" } }
      },
      {
        Sid    = "ItsLog"
        Effect = "Allow"
        Action = ["logs:CreateLogStream", "logs:PutLogEvents"]
        # `*`: the streams of its own group, which are named by tasks.
        Resource = "${aws_cloudwatch_log_group.roles.arn}:*"
      },
    ]
  })
}
