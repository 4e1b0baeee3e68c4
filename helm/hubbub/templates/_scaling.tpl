{{/* Who counts the pods, and how fast. All take {root, name, own}. */}}

{{- define "hubbub.isKeda" -}}
{{- if and .own.autoscaling.enabled .own.keda }}{{ if .own.keda.enabled }}yes{{ end }}{{ end }}
{{- end }}

{{- define "hubbub.isScaled" -}}
{{- if .own.autoscaling.enabled }}yes{{ end }}
{{- end }}

{{/* A budget for a single pod would only hold up the emptying of its node. */}}
{{- define "hubbub.isMany" -}}
{{- $least := .own.autoscaling.enabled | ternary .own.autoscaling.minReplicas .own.replicas }}
{{- if and .own.pdb.enabled (gt (int $least) 1) }}yes{{ end }}
{{- end }}

{{/*
Out at one percentage of the requested CPU, in at another. An HPA knows one target, the upper; its tolerance downwards is
the distance to the lower one: with 85 and 10, pods go when the load is below (1 - 0.882) of 85 %. One at a time, and only
after a while: every pod of a gateway that goes sends its people away. Under KEDA there is no such tolerance: it would hold
for connections, too, and keep gateways until they are nearly empty.
*/}}
{{- define "hubbub.scalingBehavior" -}}
{{- $scaling := .own.autoscaling }}
{{- if ge (int $scaling.cpu.scaleInPercent) (int $scaling.cpu.scaleOutPercent) }}
{{- fail (printf "services.%s.autoscaling.cpu: scaleInPercent must be below scaleOutPercent" .name) }}
{{- end }}
scaleUp:
  stabilizationWindowSeconds: 0
  policies:
    - { type: Percent, value: 100, periodSeconds: 30 }
scaleDown:
  {{- if not (include "hubbub.isKeda" .) }}
  tolerance: {{ divf (sub $scaling.cpu.scaleOutPercent $scaling.cpu.scaleInPercent) $scaling.cpu.scaleOutPercent | printf "%.3f" | quote }}
  {{- end }}
  stabilizationWindowSeconds: {{ $scaling.scaleIn.stabilizationSeconds }}
  policies:
    - { type: Pods, value: {{ $scaling.scaleIn.pods }}, periodSeconds: {{ $scaling.scaleIn.periodSeconds }} }
{{- end }}
