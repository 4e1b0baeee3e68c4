"""k8s/ is what the chart says, and its overlays build into what Kubernetes would take."""

import functools
import subprocess
import sysconfig
from pathlib import Path

import chart
import kubernetes_validate
import pytest
import render_k8s
import yaml

OVERLAYS = ["dev", "staging", "production"]


@functools.cache
def built(overlay: str) -> chart.Objects:
    kubectl = Path(sysconfig.get_path("scripts")) / "kubectl"
    command = [kubectl, "kustomize", chart.ROOT / "k8s/overlays" / overlay]
    made = subprocess.run(command, capture_output=True, text=True)
    assert made.returncode == 0, made.stderr
    return chart.Objects(yaml.load_all(made.stdout, Loader=chart.Strict))


def test_the_base_is_rendered_from_the_chart():
    assert render_k8s.drift() == [], "python3 deploy/render_k8s.py"


def test_a_file_that_was_edited_or_left_over_is_seen(tmp_path, monkeypatch):
    import shutil

    shutil.copytree(chart.ROOT / "k8s", tmp_path / "k8s")
    monkeypatch.setattr(render_k8s, "K8S", tmp_path / "k8s")
    assert render_k8s.drift() == []
    (tmp_path / "k8s/base/gateway.yaml").write_text("kind: List\n")
    (tmp_path / "k8s/base/old.yaml").write_text("kind: List\n")
    assert render_k8s.drift() == ["base/gateway.yaml", "base/old.yaml"]


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_an_overlay_builds_and_every_object_is_known(overlay):
    objects = built(overlay)
    assert set(chart.SERVICES) == {name.removeprefix("hubbub-") for name in objects.names("Deployment")}
    for item in objects:
        if not item["apiVersion"].startswith("monitoring.coreos.com"):
            kubernetes_validate.validate(item, "1.34", strict=True)
    (namespace,) = objects.of("Namespace")
    assert namespace["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"
    assert {item["metadata"].get("namespace") for item in objects} == {None, namespace["metadata"]["name"]}
    assert objects.names("Secret") == [] and objects.names("NetworkPolicy")


def test_overlays_differ_in_what_they_say():
    dev, production = built("dev"), built("production")
    assert dev.names("HorizontalPodAutoscaler") == dev.names("PodDisruptionBudget") == dev.names("ServiceMonitor") == []
    replicas = {item["metadata"]["name"]: item["spec"]["replicas"] for item in dev.of("Deployment")}
    assert replicas.pop("hubbub-gateway") == 2 and set(replicas.values()) == {1}
    told = chart.environment(dev.pods()["hubbub-gateway"]["containers"][0])
    assert told["HUBBUB_GATEWAY__ORIGINS"] == '["http://localhost:8080"]' and "HUBBUB_NATS__URL" in told
    assert {item["spec"]["minReplicas"] for item in production.of("HorizontalPodAutoscaler")} == {3}
    assert production.names("ServiceMonitor") == production.names("PrometheusRule") == ["hubbub"]
