{{/* What is true of each process by its nature; values say only what one may choose. */}}
{{- define "hubbub.nature" -}}
gateway: { postgres: false, redis: false, grpc: false, people: true }
auth-svc: { postgres: true, redis: true, grpc: true, people: false }
moderation-svc: { postgres: true, redis: true, grpc: true, people: false }
social-svc: { postgres: true, redis: true, grpc: true, people: false }
room-svc: { postgres: true, redis: false, grpc: true, people: false }
{{- end }}

{{/* The values of a service: `defaults` with its own on top. Takes {root, name}. */}}
{{- define "hubbub.service" -}}
{{- mergeOverwrite (deepCopy .root.Values.defaults) (deepCopy (index .root.Values.services .name)) | toYaml }}
{{- end }}

{{/*
Seconds from "this pod ends" to SIGKILL; refuses what does not add up. Takes {name, own}.

  preStop            the load balancers' time
  lag                not ready, still working
  grace              work under way; in a gateway, the drain and then 5 s for the last requests
  last words         15 s: flush of the bus, the pool and the internal port (2 s each), the last spans (5 s), and room
*/}}
{{- define "hubbub.gracePeriod" -}}
{{- $shutdown := .own.shutdown }}
{{- with $shutdown.drainSeconds }}
{{- if lt (int $shutdown.graceSeconds) (add . 6 | int) }}
{{- fail (printf "services.%s.shutdown: graceSeconds is %v, but a drain of %v s needs at least %d: drainSeconds, 5 s for requests under way, 1 s of room" $.name $shutdown.graceSeconds . (add . 6)) }}
{{- end }}
{{- end }}
{{- $needed := add $shutdown.preStopSeconds $shutdown.lagSeconds $shutdown.graceSeconds 15 }}
{{- $told := $shutdown.terminationGracePeriodSeconds }}
{{- if and (not (kindIs "invalid" $told)) (lt (int $told) (int $needed)) }}
{{- fail (printf "services.%s.shutdown: terminationGracePeriodSeconds is %v, but preStop, lag, grace and 15 s of last words add up to %d" .name $told $needed) }}
{{- end }}
{{- kindIs "invalid" $told | ternary $needed $told }}
{{- end }}

{{/* The environment, with each name once: the server refuses a list that says a name twice. Takes {root, name, own}. */}}
{{- define "hubbub.environment" -}}
{{- $values := .root.Values }}
{{- $nature := index (include "hubbub.nature" . | fromYaml) .name }}
{{- $plain := dict
  "HUBBUB_HTTP__LISTEN" "0.0.0.0:9090"
  "HUBBUB_NATS__URL" (include "hubbub.nats.url" .root)
  "HUBBUB_TELEMETRY__LOG_FORMAT" $values.telemetry.logFormat
  "HUBBUB_TELEMETRY__FILTER" $values.telemetry.filter
  "HUBBUB_TELEMETRY__OTLP_ENDPOINT" $values.telemetry.otlpEndpoint
  "HUBBUB_SHUTDOWN__LAG_MS" (mul .own.shutdown.lagSeconds 1000)
  "HUBBUB_SHUTDOWN__GRACE_MS" (mul .own.shutdown.graceSeconds 1000)
}}
{{- $secret := dict }}
{{- if $values.nats.keys.enabled }}
{{- $_ := set $plain "HUBBUB_NATS__NKEY_FILE" "/run/secrets/bus/seed" }}
{{- end }}
{{- with include "hubbub.authorities.file" (dict "root" .root "store" "nats") }}
{{- $_ := set $plain "HUBBUB_NATS__CA_FILE" . }}
{{- end }}
{{- with $values.authorities.collectorKey }}
{{- $_ := set $plain "HUBBUB_TELEMETRY__OTLP_CA_FILE" (printf "/run/secrets/authorities/%s" .) }}
{{- end }}
{{- if $nature.grpc }}
{{- $_ := set $plain "HUBBUB_GRPC__LISTEN" "0.0.0.0:50051" }}
{{- end }}
{{- if $nature.people }}
{{- $_ := set $plain "HUBBUB_GATEWAY__LISTEN" "0.0.0.0:8080" }}
{{- $_ := set $plain "HUBBUB_GATEWAY__SITE" "/srv/site" }}
{{- $_ := set $plain "HUBBUB_GATEWAY__ORIGINS" ($values.site.origins | toJson) }}
{{- $_ := set $plain "HUBBUB_GATEWAY__TRUSTED_PROXIES" ($values.site.trustedProxies | toJson) }}
{{- $_ := set $plain "HUBBUB_GATEWAY__SECURE_COOKIE" $values.site.secureCookie }}
{{- $_ := set $plain "HUBBUB_GATEWAY__MAX_CONNECTIONS" (.own.maxConnections | int) }}
{{- $_ := set $plain "HUBBUB_GATEWAY__DRAIN_MS" (mul .own.shutdown.drainSeconds 1000) }}
{{- end }}
{{- if eq .name "moderation-svc" }}
{{- $_ := set $plain "HUBBUB_MODERATION__PROTECTED" ($values.site.protectedNetworks | toJson) }}
{{- end }}
{{- if $nature.postgres }}
{{- $_ := set $secret "HUBBUB_PG__URL" (dict "name" (include "hubbub.secret.postgres" .root) "key" (printf "%s-url" .name)) }}
{{- $_ := set $plain "HUBBUB_PG__MIGRATES_AT_START" "false" }}
{{- $_ := set $plain "HUBBUB_PG__MAX_CONNECTIONS" ($values.postgres.maxConnections | int) }}
{{- end }}
{{- if $nature.redis }}
{{- $_ := set $secret "HUBBUB_REDIS__URL" (dict "name" (include "hubbub.secret.redis" .root) "key" "url") }}
{{- with include "hubbub.authorities.file" (dict "root" .root "store" "redis") }}
{{- $_ := set $plain "HUBBUB_REDIS__CA_FILE" . }}
{{- end }}
{{- end }}
{{- if eq .name "auth-svc" }}
{{- $auth := include "hubbub.secret.auth" .root }}
{{- $_ := set $secret "HUBBUB_AUTH__MASTER_KEY" (dict "name" $auth "key" "master-key") }}
{{- $_ := set $secret "HUBBUB_AUTH__BOOTSTRAP_ADMIN" (dict "name" $auth "key" "bootstrap-admin" "optional" true) }}
{{- end }}
{{- if .isMigration }}
{{- /* It may reach the database alone, and must not wait for a collector. */}}
{{- $_ := set $plain "HUBBUB_TELEMETRY__OTLP_ENDPOINT" "" }}
{{- $_ := unset $plain "HUBBUB_TELEMETRY__OTLP_CA_FILE" }}
{{- $_ := set $secret "HUBBUB_PG__MIGRATE_URL" (dict "name" (include "hubbub.secret.postgres" .root) "key" "owner-url") }}
{{- end }}
{{- range $name, $value := .own.env }}
{{- if hasKey $secret $name }}
{{- fail (printf "services.%s.env: %s comes from a Secret; put it there" $.name $name) }}
{{- end }}
{{- $_ := set $plain $name $value }}
{{- end }}
{{- range $name, $value := $plain }}
- name: {{ $name }}
  value: {{ $value | toString | quote }}
{{- end }}
{{- range $name, $from := $secret }}
- name: {{ $name }}
  valueFrom:
    secretKeyRef: {{ $from | toJson }}
{{- end }}
{{- end }}

{{/* A container that migrates. Takes {root, name, own}. */}}
{{- define "hubbub.migration" -}}
- name: migrate-{{ .name }}
  image: {{ include "hubbub.image" . }}
  imagePullPolicy: {{ .root.Values.image.pullPolicy }}
  args: [migrate]
  env: {{- include "hubbub.environment" (merge (dict "isMigration" true) .) | trim | nindent 4 }}
  resources:
    requests: { cpu: 50m, memory: 64Mi }
    limits: { memory: 256Mi }
  securityContext: {{- include "hubbub.containerSecurity" . | nindent 4 }}
  {{- if include "hubbub.authorities.volume" .root }}
  volumeMounts:
    - { name: authorities, mountPath: /run/secrets/authorities, readOnly: true }
  {{- end }}
{{- end }}

{{/* The files of authorities that are asked for, each once. */}}
{{- define "hubbub.authorities.keys" -}}
{{- $own := .Values.authorities }}
{{- list $own.postgresKey $own.redisKey $own.natsKey $own.collectorKey | compact | uniq | join " " }}
{{- end }}

{{/* Where a process finds the authority of a store, if it has to be told. Takes {root, store}. */}}
{{- define "hubbub.authorities.file" -}}
{{- if include "hubbub.certificates.has" . }}{{ include "hubbub.certificates.authority" .store }}
{{- else }}
{{- with index .root.Values.authorities (printf "%sKey" .store) }}/run/secrets/authorities/{{ . }}{{ end }}
{{- end }}
{{- end }}

{{/* The certificates of authorities, for every pod that connects to something: yours, and those of bundled stores. */}}
{{- define "hubbub.authorities.volume" -}}
{{- $keys := include "hubbub.authorities.keys" . }}
{{- $stores := include "hubbub.certificates.stores" . }}
{{- if or $keys $stores }}
- name: authorities
  projected:
    defaultMode: 0440
    sources:
      {{- if $keys }}
      - secret:
          name: {{ .Values.authorities.existingSecret }}
          items:
            {{- range splitList " " $keys }}
            - { key: {{ . }}, path: {{ . }} }
            {{- end }}
      {{- end }}
      {{- if $stores }}
      {{- range $store := splitList " " $stores }}
      - secret:
          name: {{ include "hubbub.certificates.secret" (dict "root" $ "store" $store) }}
          items:
            - { key: ca.crt, path: {{ include "hubbub.certificates.authority" $store | base }} }
      {{- end }}
      {{- end }}
{{- end }}
{{- end }}
