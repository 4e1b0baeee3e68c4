"""A typo in the values stops an installation; every value is explained and known to the schema."""

import re

import chart
import pytest
import yaml


@pytest.mark.parametrize(
    "layer",
    [
        {"servces": {}},
        {"services": {"gatway": {}}},
        {"services": {"gateway": {"replica": 3}}},
        {"services": {"room-svc": {"shutdown": {"drainSeconds": 3}}}},
        {"services": {"gateway": {"shutdown": {"drainSecond": 3}}}},
        {"defaults": {"autoscaling": {"cpu": {"scaleOutPercent": 120}}}},
        {"defaults": {"shutdown": {"preStopSeconds": 0}}},
        {"defaults": {"env": {"HUBBUB_GATEWAY_LISTEN": "one underscore"}}},
        {"defaults": {"env": {"HUBBUB_ROOM__NAME_CACHE": 5}}},
        {"site": {"origins": ["chat.example.org"]}},
        {"site": {"origins": ["https://chat.example.org/"]}},
        {"site": {"origins": ["https://*.example.org"]}},
        {"site": {"trustedProxies": ["10.0.0.1"]}},
        {"nats": {"mode": "internal"}},
        {"nats": {"external": {"url": "nats://user:password@host:4222"}}},
        {"nats": {"keys": {"public": {"gateway": "SUAIBDPBAUTWCWBKIO6XHQNINK5FWJW4OHLXC3HQ2KFE4PEJUA44CNHTC4"}}}},
        {"nats": {"keys": {"public": {"observer": "U" * 56}}}},
        {"postgres": {"bundled": {"storage": "ten"}}},
        {"telemetry": {"otlpEndpoint": "jaeger:4317"}},
        {"networkPolicy": {"adminFrom": {"podSelector": {}}}},
        {"monitoring": {"serviceMonitor": {"interval": "soon"}}},
    ],
    ids=str,
)
def test_a_wrong_value_is_refused(layer):
    with pytest.raises(Exception, match="(?i)schema|additional|match|must|got"):
        chart.CHART.validate_schema(chart.merged(chart.PLAIN, layer))


def is_closed(schema: dict) -> bool:
    """Says whether an object and all in it list their keys; free maps of texts are the exception."""
    if schema.get("type") == "object" and "properties" in schema and schema.get("additionalProperties") is not False:
        return False
    inner = [value for key in ("properties", "$defs") for value in schema.get(key, {}).values()]
    return all(is_closed(value) for value in inner)


def test_no_object_of_the_schema_takes_unknown_keys():
    assert is_closed(chart.CHART.schema)


def leaves(values: dict, path: str = ""):
    for key, value in values.items():
        here = f"{path}.{key}" if path else key
        if isinstance(value, dict) and value:
            yield from leaves(value, here)
        else:
            yield here


def test_the_reference_lists_every_value():
    """README.md is made from the comments of values.yaml by deploy/chart_readme.py."""
    import chart_readme

    readme = (chart.PATH / "README.md").read_text()
    assert readme == chart_readme.page(), "python3 deploy/chart_readme.py"
    listed = set(re.findall(r"^\| `([^`]+)` \|", readme, re.MULTILINE))
    assert listed == set(leaves(yaml.safe_load((chart.PATH / "values.yaml").read_text())))
