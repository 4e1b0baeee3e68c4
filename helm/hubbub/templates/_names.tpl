{{/* Names and labels. */}}

{{- define "hubbub.name" -}}
{{- contains "hubbub" .Release.Name | ternary .Release.Name (printf "%s-hubbub" .Release.Name) | trunc 40 | trimSuffix "-" }}
{{- end }}

{{/* Labels that never change: what selectors say. Takes {root, component}. */}}
{{- define "hubbub.selector" -}}
app.kubernetes.io/name: hubbub
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end }}

{{/* All labels of an object. Takes {root, component}. */}}
{{- define "hubbub.labels" -}}
{{ include "hubbub.selector" . }}
app.kubernetes.io/part-of: hubbub
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version }}
{{- end }}

{{/* An image behind the registry of one's own. Takes {root, image}. */}}
{{- define "hubbub.mirrored" -}}
{{- with .root.Values.global.imageRegistry }}{{ trimSuffix "/" . }}/{{ end }}{{ .image }}
{{- end }}

{{/* The image of a service. Takes {root, name, own}. */}}
{{- define "hubbub.image" -}}
{{- $image := printf "%s/%s" .root.Values.image.repository .name }}
{{- $version := printf ":%s" (.root.Values.image.tag | default .root.Chart.AppVersion) }}
{{- with .own.image.digest }}{{ $version = printf "@%s" . }}{{ end }}
{{- include "hubbub.mirrored" (dict "root" .root "image" (print $image $version)) }}
{{- end }}

{{/* Secrets: yours, or the one that the chart makes. */}}
{{- define "hubbub.secret.auth" -}}{{ .Values.auth.existingSecret | default (printf "%s-auth" (include "hubbub.name" .)) }}{{- end }}
{{- define "hubbub.secret.postgres" -}}{{ .Values.postgres.existingSecret | default (printf "%s-postgres" (include "hubbub.name" .)) }}{{- end }}
{{- define "hubbub.secret.redis" -}}{{ .Values.redis.existingSecret | default (printf "%s-redis" (include "hubbub.name" .)) }}{{- end }}

{{/* What the Pod Security Standard "restricted" asks of a pod; takes the user's number. */}}
{{- define "hubbub.podSecurity" -}}
runAsNonRoot: true
runAsUser: {{ . }}
runAsGroup: {{ . }}
fsGroup: {{ . }}
seccompProfile:
  type: RuntimeDefault
{{- end }}

{{/* And of a container. */}}
{{- define "hubbub.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: ["ALL"]
{{- end }}
