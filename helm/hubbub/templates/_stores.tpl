{{/* Where the stores are, and what must be there before a release can work. */}}

{{- define "hubbub.nats.url" -}}
{{- if eq .Values.nats.mode "bundled" }}
{{- include "hubbub.certificates.has" (dict "root" . "store" "nats") | empty | ternary "nats" "tls" }}://{{ include "hubbub.name" . }}-nats:4222
{{- else }}
{{- required "nats.external.url: where is your NATS?" .Values.nats.external.url }}{{ end }}
{{- end }}

{{/* Refuses values that would install something that cannot work, or is less safe than it looks. */}}
{{- define "hubbub.preflight" -}}
{{- if not .Values.site.origins }}
{{- fail "site.origins is empty: no browser could connect. Set it to the exact origins, such as [\"https://chat.example.org\"]" }}
{{- end }}
{{- if .Values.nats.keys.enabled }}
{{- if not .Values.nats.keys.existingSecret }}
{{- fail "nats.keys.existingSecret is empty: python3 deploy/keys.py makes the keys; nats.keys.enabled=false tries the product without" }}
{{- end }}
{{- if eq .Values.nats.mode "bundled" }}
{{- range $name, $_ := (.Files.Get "files/bus.json" | fromJson).peers }}
{{- if not (index $.Values.nats.keys.public $name) }}
{{- fail (printf "nats.keys.public.%s is missing: the bundled bus must know every key; python3 deploy/keys.py prints them" $name) }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
{{- if and .Values.httpRoute.enabled (not .Values.httpRoute.parentRefs) }}
{{- fail "httpRoute.parentRefs is empty: which Gateway is it for?" }}
{{- end }}
{{- if and .Values.ingress.enabled (not .Values.ingress.hosts) }}
{{- fail "ingress.hosts is empty: under which names?" }}
{{- end }}
{{- if and (eq .Values.postgres.mode "external") (not .Values.postgres.existingSecret) }}
{{- fail "postgres.existingSecret is empty: it holds the URLs of your Postgres" }}
{{- end }}
{{- if and (eq .Values.redis.mode "external") (not .Values.redis.existingSecret) }}
{{- fail "redis.existingSecret is empty: it holds the URL of your Redis" }}
{{- end }}
{{- $authorities := .Values.authorities }}
{{- if and (include "hubbub.authorities.keys" .) (not $authorities.existingSecret) }}
{{- fail "authorities.existingSecret is empty: it holds the certificates that the keys beside it name" }}
{{- end }}
{{- range $store := list "postgres" "redis" "nats" }}
{{- if and (index $authorities (printf "%sKey" $store)) (eq (index $.Values $store).mode "bundled") }}
{{- fail (printf "authorities.%sKey is for an external one; those of the bundled %s come from certificates.mode" $store $store) }}
{{- end }}
{{- end }}
{{- if and $authorities.collectorKey (not (hasPrefix "https://" .Values.telemetry.otlpEndpoint)) }}
{{- fail "authorities.collectorKey is set, but telemetry.otlpEndpoint does not begin with https://" }}
{{- end }}
{{- if and (eq .Values.migrations.mode "hook") (eq .Values.postgres.mode "bundled") }}
{{- fail "migrations.mode is hook, but a bundled Postgres is not there before the release is: use init" }}
{{- end }}
{{- if and (eq .Values.migrations.mode "hook") (not .Values.auth.existingSecret) }}
{{- fail "migrations.mode is hook, which runs before the chart could make a Secret: set auth.existingSecret" }}
{{- end }}
{{- end }}

{{/*
A password that is made once: the one in the cluster, if there is one. Takes {root, secret, key}.
Renderers that see no cluster make a new one each time; give them an existing Secret.
*/}}
{{- define "hubbub.keptPassword" -}}
{{- $found := (lookup "v1" "Secret" .root.Release.Namespace .secret).data | default dict }}
{{- with index $found .key }}{{ b64dec . }}{{ else }}{{ randAlphaNum 32 }}{{ end }}
{{- end }}

{{/*
The bundled bus: one user for each kind of process, with the subjects that files/bus.json gives it. JSON is one of the ways
to write it.
*/}}
{{- define "hubbub.nats.configuration" -}}
{{- $table := .Files.Get "files/bus.json" | fromJson }}
{{- $configuration := deepCopy $table.limits }}
{{- if .Values.nats.keys.enabled }}
{{- $users := list }}
{{- range $name, $rights := $table.peers }}
{{- $permissions := dict
  "publish" (dict "allow" $rights.publish)
  "subscribe" (dict "allow" $rights.subscribe)
  "allow_responses" $table.allow_responses
}}
{{- $users = append $users (dict "nkey" (index $.Values.nats.keys.public $name) "permissions" $permissions) }}
{{- end }}
{{- $_ := set $configuration "system_account" "SYS" }}
{{- $_ := set $configuration "accounts" (dict "SYS" dict "APP" (dict "users" $users)) }}
{{- end }}
{{- if include "hubbub.certificates.has" (dict "root" . "store" "nats") }}
{{- /* Seconds for a greeting: a server that is busy has more of them to do. */}}
{{- $_ := set $configuration "tls" (dict "cert_file" "/run/secrets/tls/tls.crt" "key_file" "/run/secrets/tls/tls.key" "timeout" 5) }}
{{- end }}
{{- /* Go writes `>` for web pages, as an escape that the server does not read. */}}
{{- $configuration | mustToPrettyJson | replace "\\u003e" ">" }}
{{- end }}

{{/* Who logs in to Postgres: the owner, and each service that has a database. */}}
{{- define "hubbub.postgres.logins" -}}
{{- $logins := list "owner" }}
{{- range $name, $is := include "hubbub.nature" . | fromYaml }}
{{- if $is.postgres }}{{ $logins = append $logins $name }}{{ end }}
{{- end }}
{{- join " " $logins }}
{{- end }}

{{/* The way out to a store: to the bundled one alone, or to the port of yours. Takes {root, store}. */}}
{{- define "hubbub.egress.store" -}}
{{- $values := index .root.Values .store }}
{{- if eq $values.mode "bundled" -}}
- to:
    - podSelector:
        matchLabels: {{- include "hubbub.selector" (dict "root" .root "component" .store) | nindent 10 }}
  ports:
    - { protocol: TCP, port: {{ .store }} }
{{- else -}}
- ports:
    - { protocol: TCP, port: {{ $values.external.port }} }
  {{- with .root.Values.networkPolicy.storesTo }}
  to: {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end }}
{{- end }}

{{/*
How many connections Postgres must let in: those of every pod when there are most, a quarter more while pods are replaced,
and a few for people.
*/}}
{{- define "hubbub.postgres.connections" -}}
{{- $pods := 0 }}
{{- range $name, $is := include "hubbub.nature" . | fromYaml }}
{{- if $is.postgres }}
{{- $own := include "hubbub.service" (dict "root" $ "name" $name) | fromYaml }}
{{- $pods = add $pods ($own.autoscaling.enabled | ternary $own.autoscaling.maxReplicas $own.replicas) }}
{{- end }}
{{- end }}
{{- add (div (mul $pods .Values.postgres.maxConnections 5) 4) 20 }}
{{- end }}
