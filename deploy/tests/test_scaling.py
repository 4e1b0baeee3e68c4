"""Pods come at 85 percent and go at 10, one at a time; budgets fit their number."""

import chart
import pytest

KEDA = {"services": {"gateway": {"keda": {"enabled": True, "connectionsPerPod": 7000}}}}


@pytest.mark.parametrize("name", chart.SERVICES)
def test_out_at_85_percent_in_at_10(name):
    spec = chart.render().get("HorizontalPodAutoscaler", f"hubbub-{name}")["spec"]
    assert spec["scaleTargetRef"] == {"apiVersion": "apps/v1", "kind": "Deployment", "name": f"hubbub-{name}"}
    (metric,) = spec["metrics"]
    target = metric["resource"]["target"]
    assert (metric["resource"]["name"], target) == ("cpu", {"type": "Utilization", "averageUtilization": 85})
    down, up = spec["behavior"]["scaleDown"], spec["behavior"]["scaleUp"]
    # Pods go when the load over the target is below 1 - tolerance.
    assert 85 * (1 - float(down["tolerance"])) == pytest.approx(10, abs=0.1)
    assert down["stabilizationWindowSeconds"] == 600
    assert down["policies"] == [{"type": "Pods", "value": 1, "periodSeconds": 120}]
    assert up["stabilizationWindowSeconds"] == 0 and "tolerance" not in up


def test_other_percentages_are_followed():
    cpu = {"scaleOutPercent": 60, "scaleInPercent": 30}
    objects = chart.render({"defaults": {"autoscaling": {"cpu": cpu}}})
    spec = objects.get("HorizontalPodAutoscaler", "hubbub-room-svc")["spec"]
    assert spec["behavior"]["scaleDown"]["tolerance"] == "0.500"
    with pytest.raises(Exception, match="must be below"):
        chart.render({"defaults": {"autoscaling": {"cpu": {"scaleOutPercent": 30, "scaleInPercent": 30}}}})


def test_an_autoscaler_alone_counts_the_pods():
    scaled, fixed = chart.render(), chart.render({"defaults": {"autoscaling": {"enabled": False}, "replicas": 3}})
    for name in chart.SERVICES:
        assert "replicas" not in scaled.get("Deployment", f"hubbub-{name}")["spec"]
        assert fixed.get("Deployment", f"hubbub-{name}")["spec"]["replicas"] == 3
    assert fixed.names("HorizontalPodAutoscaler") == []


def test_keda_scales_the_gateway_by_connections_and_processor_in_place_of_the_hpa():
    objects = chart.render(KEDA)
    assert objects.names("HorizontalPodAutoscaler") == [
        f"hubbub-{name}" for name in chart.SERVICES if name != "gateway"
    ]
    spec = objects.get("ScaledObject", "hubbub-gateway")["spec"]
    cpu, connections = spec["triggers"]
    assert cpu["metadata"]["value"] == "85"
    assert connections["metricType"] == "AverageValue"
    assert connections["metadata"]["threshold"] == "7000"
    assert connections["metadata"]["query"] == 'sum(hubbub_gateway_connections{namespace="chat",service="gateway"})'
    behavior = spec["advanced"]["horizontalPodAutoscalerConfig"]["behavior"]
    assert behavior["scaleDown"]["policies"] == [{"type": "Pods", "value": 1, "periodSeconds": 120}]
    assert behavior["scaleDown"]["stabilizationWindowSeconds"] == 600


def test_a_gateway_is_full_only_long_after_another_was_asked_for():
    gateway = chart.CHART.values["services"]["gateway"]
    assert gateway["keda"]["connectionsPerPod"] * 2 <= gateway["maxConnections"]


@pytest.mark.parametrize("name", chart.SERVICES)
def test_one_pod_at_a_time_may_be_evicted(name):
    spec = chart.render().get("PodDisruptionBudget", f"hubbub-{name}")["spec"]
    assert (spec["maxUnavailable"], spec["unhealthyPodEvictionPolicy"]) == (1, "AlwaysAllow")


def test_a_single_pod_has_no_budget():
    objects = chart.render({"defaults": {"autoscaling": {"minReplicas": 1}}})
    assert objects.names("PodDisruptionBudget") == []
    fixed = {"defaults": {"autoscaling": {"enabled": False}, "replicas": 1}, "services": {"gateway": {"replicas": 2}}}
    assert chart.render(fixed).names("PodDisruptionBudget") == ["hubbub-gateway"]


def test_a_region_without_stores_has_gateways_alone():
    nobody = {name: {"autoscaling": {"enabled": False}, "replicas": 0} for name in chart.WITH_DATABASE}
    objects = chart.render({"services": nobody})
    for name in chart.WITH_DATABASE:
        assert objects.get("Deployment", f"hubbub-{name}")["spec"]["replicas"] == 0
    assert objects.names("PodDisruptionBudget") == objects.names("HorizontalPodAutoscaler") == ["hubbub-gateway"]
