"""Objects of the Gateway API, KEDA and the Prometheus operator are what those would take."""

import copy
import json
import shutil
import subprocess
from pathlib import Path

import chart
import pytest
from test_render import CUSTOM, EVERYTHING, KEYS_ASKED

SCRIPT = Path(__file__).with_name("custom_resources.mjs")
HAS_MODELS = (chart.ROOT / "node_modules/@kubernetes-models").exists() and shutil.which("node")
pytestmark = pytest.mark.skipif(not HAS_MODELS, reason="needs Node and `npm ci`")


def complaints(objects: list[dict]) -> list[str]:
    command = ["node", SCRIPT]
    checked = subprocess.run(command, input=json.dumps(objects), capture_output=True, text=True)
    assert checked.returncode == 0, checked.stderr
    return checked.stdout.splitlines()


def custom(*layers: dict) -> list[dict]:
    return [item for item in chart.render(*layers) if item["apiVersion"] in CUSTOM]


KEDA = {"services": {"gateway": {"keda": {"enabled": True}}}}
MANAGED = {"certificates": {"mode": "certManager"}}


def test_they_are_what_their_schemas_want():
    production = custom(KEYS_ASKED, chart.values("values-production.yaml"))
    objects = custom(EVERYTHING, KEDA, MANAGED) + production
    kinds = {"Certificate", "HTTPRoute", "Issuer", "PrometheusRule", "ScaledObject", "ServiceMonitor"}
    assert {item["kind"] for item in objects} == kinds and len(objects) == 8 + 6
    assert complaints(objects) == []


def test_a_wrong_field_of_each_is_seen():
    fields = {
        "Certificate": "dnsNames",
        "HTTPRoute": "rules",
        "Issuer": "ca",
        "PrometheusRule": "groups",
        "ScaledObject": "triggers",
        "ServiceMonitor": "endpoints",
    }
    objects = copy.deepcopy(custom(EVERYTHING, KEDA, MANAGED))
    for item in objects:
        item["spec"][fields[item["kind"]]] = "all"
    assert {line.split()[0] for line in complaints(objects)} == set(fields)
    assert len(complaints(objects)) == len(objects)
