{{/*
Certificates of bundled stores. Each has a Secret `<name>-<store>-tls` with `ca.crt`, `tls.crt` and `tls.key`, which is what
cert-manager writes, too: whoever makes it, servers and processes find the same.
*/}}

{{/* The bundled stores that speak TLS. */}}
{{- define "hubbub.certificates.stores" -}}
{{- $stores := list }}
{{- range $store := list "nats" "postgres" "redis" }}
{{- if and (ne $.Values.certificates.mode "none") (eq (index $.Values $store).mode "bundled") }}
{{- $stores = append $stores $store }}
{{- end }}
{{- end }}
{{- join " " $stores }}
{{- end }}

{{/* Says something if a store is one of them. Takes {root, store}. */}}
{{- define "hubbub.certificates.has" -}}
{{- has .store (include "hubbub.certificates.stores" .root | splitList " ") | ternary "yes" "" }}
{{- end }}

{{- define "hubbub.certificates.secret" -}}
{{ include "hubbub.name" .root }}-{{ .store }}-tls
{{- end }}

{{/* Where processes find the certificate of the authority of a bundled store. Takes the store's name. */}}
{{- define "hubbub.certificates.authority" -}}
/run/secrets/authorities/bundled-{{ . }}.pem
{{- end }}

{{/* Every name that a store is asked for by; the last two are for `kubectl port-forward`. Takes {root, store}. */}}
{{- define "hubbub.certificates.names" -}}
{{- $host := printf "%s-%s" (include "hubbub.name" .root) .store }}
{{- $namespace := .root.Release.Namespace }}
{{- list $host (printf "%s.%s" $host $namespace) (printf "%s.%s.svc" $host $namespace) "localhost" | toJson }}
{{- end }}

{{/*
Makes the authority and what it signs, once in a rendering: afterwards they are in .Values.made. What is in the cluster stays;
a certificate that is older than half of its year is made anew. Renderers that see no cluster make everything new each time.
*/}}
{{- define "hubbub.certificates.make" -}}
{{- if not (hasKey .Values "made") }}
{{- $name := include "hubbub.name" . }}
{{- $namespace := .Release.Namespace }}
{{- $found := (lookup "v1" "Secret" $namespace (printf "%s-authority" $name)).data | default dict }}
{{- $authority := "" }}
{{- if and (index $found "tls.crt") (index $found "tls.key") }}
{{- $authority = buildCustomCert (index $found "tls.crt") (index $found "tls.key") }}
{{- else }}
{{- $authority = genCAWithKey (printf "%s in %s" $name $namespace | trunc 64) 3650 (genPrivateKey "ecdsa") }}
{{- end }}
{{- $now := now | unixEpoch }}
{{- $halfAYear := mul 182 24 60 60 }}
{{- $stores := dict }}
{{- range $store := include "hubbub.certificates.stores" . | splitList " " }}
{{- $self := dict "root" $ "store" $store }}
{{- $old := lookup "v1" "Secret" $namespace (include "hubbub.certificates.secret" $self) }}
{{- $data := $old.data | default dict }}
{{- $madeAt := ($old.metadata | default dict).annotations | default dict | dig "hubbub-made-at" "0" }}
{{- $isOurs := eq (index $data "ca.crt" | default "") ($authority.Cert | b64enc) }}
{{- if and $isOurs (lt (sub (int64 $now) (int64 $madeAt)) $halfAYear) }}
{{- $_ := set $stores $store (dict "madeAt" $madeAt "certificate" (index $data "tls.crt") "key" (index $data "tls.key")) }}
{{- else }}
{{- $names := include "hubbub.certificates.names" $self | fromJsonArray }}
{{- $new := genSignedCertWithKey (first $names | trunc 64) (list "127.0.0.1") $names 365 $authority (genPrivateKey "ecdsa") }}
{{- $_ := set $stores $store (dict "madeAt" $now "certificate" ($new.Cert | b64enc) "key" ($new.Key | b64enc)) }}
{{- end }}
{{- end }}
{{- $_ := set .Values "made" (dict "authority" $authority "stores" $stores) }}
{{- end }}
{{- end }}

{{/* A server reads its certificate when it starts: another one is another pod. Takes {root, store}. */}}
{{- define "hubbub.certificates.checksum" -}}
{{- if and (include "hubbub.certificates.has" .) (eq .root.Values.certificates.mode "made") }}
{{- include "hubbub.certificates.make" .root }}
checksum/certificate: {{ (index .root.Values.made.stores .store).certificate | sha256sum }}
{{- end }}
{{- end }}

{{/* So does a process with the authority's. */}}
{{- define "hubbub.certificates.authorityChecksum" -}}
{{- if and (include "hubbub.certificates.stores" .) (eq .Values.certificates.mode "made") }}
{{- include "hubbub.certificates.make" . }}
checksum/authority: {{ .Values.made.authority.Cert | sha256sum }}
{{- end }}
{{- end }}

{{/* A store's own certificate and key, for its pod alone. Takes {root, store}. */}}
{{- define "hubbub.certificates.volume" -}}
- name: tls
  secret:
    secretName: {{ include "hubbub.certificates.secret" . }}
    # Postgres wants no more of a key that belongs to root.
    defaultMode: 0440
    items:
      - { key: tls.crt, path: tls.crt }
      - { key: tls.key, path: tls.key }
{{- end }}
