"""Renders the chart as Helm does, with no cluster."""

import functools
import json
from pathlib import Path

import yaml
from helm_python.chart import Chart

ROOT = Path(__file__).resolve().parents[2]
PATH = ROOT / "helm/hubbub"
SERVICES = ["auth-svc", "gateway", "moderation-svc", "room-svc", "social-svc"]
WITH_DATABASE = [name for name in SERVICES if name != "gateway"]
WITH_REDIS = ["auth-svc", "moderation-svc", "social-svc"]

# The least that an installation must say, with the bus open: what a test is not about stays out of it.
PLAIN = {"site": {"origins": ["https://chat.example.org"]}, "nats": {"keys": {"enabled": False}}}

CHART = Chart.load(PATH)


def merged(*layers: dict) -> dict:
    """Lays values over values, as Helm does with several files."""
    result: dict = {}
    for layer in layers:
        for key, value in layer.items():
            known = result.get(key)
            is_deep = isinstance(value, dict) and isinstance(known, dict)
            result[key] = merged(known, value) if is_deep else value
    return result


def values(name: str) -> dict:
    """Reads one of the chart's files of values."""
    return yaml.safe_load((PATH / name).read_text())


def texts(given: dict) -> dict[str, str]:
    """Renders all templates, the notes among them, by path."""
    CHART.validate_schema(given)
    return CHART.render(given, name="hubbub", namespace="chat")


class Duplicate(Exception):
    """A mapping that says a key twice: YAML takes the last, the API server refuses it."""


class Strict(yaml.SafeLoader):
    """Refuses a key that is there twice."""


def _mapping(loader, node):
    keys = [key.value for key, _ in node.value]
    if len(keys) != len(set(keys)):
        raise Duplicate(f"{node.start_mark}: {sorted({key for key in keys if keys.count(key) > 1})}")
    return yaml.SafeLoader.construct_mapping(loader, node, deep=True)


Strict.add_constructor("tag:yaml.org,2002:map", _mapping)


class Objects(list):
    """What the chart made."""

    def of(self, kind: str) -> "Objects":
        return Objects(item for item in self if item["kind"] == kind)

    def get(self, kind: str, name: str) -> dict:
        found = [item for item in self.of(kind) if item["metadata"]["name"] == name]
        assert len(found) == 1, f"{len(found)} of {kind} {name}"
        return found[0]

    def names(self, kind: str) -> list[str]:
        return sorted(item["metadata"]["name"] for item in self.of(kind))

    def pods(self) -> dict[str, dict]:
        """Every pod's spec by the name of what makes it."""
        makers = {"Deployment", "StatefulSet", "Job"}
        specs = {item["metadata"]["name"]: item["spec"]["template"]["spec"] for item in self if item["kind"] in makers}
        return specs | {item["metadata"]["name"]: item["spec"] for item in self.of("Pod")}


def render(*layers: dict) -> Objects:
    """Renders the chart with `PLAIN` below the given layers. The same values give the same objects: change copies only."""
    return _rendered(json.dumps(merged(PLAIN, *layers)))


@functools.cache
def _rendered(given: str) -> Objects:
    rendered = texts(json.loads(given))
    found = Objects()
    for path, text in sorted(rendered.items()):
        if path.endswith(".yaml"):
            found += [item for item in yaml.load_all(text, Loader=Strict) if item]
    return found


def environment(container: dict) -> dict:
    """A container's variables by name, as values or as where they come from."""
    variables = container.get("env", [])
    names = [variable["name"] for variable in variables]
    assert len(names) == len(set(names)), f"named twice: {sorted(names)}"
    return {variable["name"]: variable.get("value", variable.get("valueFrom")) for variable in variables}
