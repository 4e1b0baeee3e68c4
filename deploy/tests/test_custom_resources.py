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


def test_they_are_what_their_schemas_want():
    keda = {"services": {"gateway": {"keda": {"enabled": True}}}}
    objects = custom(EVERYTHING, keda) + custom(KEYS_ASKED, chart.values("values-production.yaml"))
    kinds = {"HTTPRoute", "PrometheusRule", "ScaledObject", "ServiceMonitor"}
    assert {item["kind"] for item in objects} == kinds and len(objects) == 8
    assert complaints(objects) == []


def test_a_wrong_field_of_each_is_seen():
    keda = {"services": {"gateway": {"keda": {"enabled": True}}}}
    fields = {
        "HTTPRoute": "rules",
        "PrometheusRule": "groups",
        "ScaledObject": "triggers",
        "ServiceMonitor": "endpoints",
    }
    objects = copy.deepcopy(custom(EVERYTHING, keda))
    for item in objects:
        item["spec"][fields[item["kind"]]] = "all"
    assert sorted(line.split()[0] for line in complaints(objects)) == sorted(fields)
