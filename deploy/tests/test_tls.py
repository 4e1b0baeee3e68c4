"""What pods are told of stores, a bus and a collector that speak TLS with certificates of one's own authorities."""

import re

import chart
import pytest
from test_render import EXTERNAL

AT = "/run/secrets/authorities"
OWN = {
    "telemetry": {"otlpEndpoint": "https://collector.example.org:4317"},
    "authorities": {
        "existingSecret": "authorities",
        "postgresKey": "postgres.pem",
        "redisKey": "redis.pem",
        "natsKey": "bus.pem",
        "collectorKey": "collector.pem",
    },
}
HOOK = {"migrations": {"mode": "hook"}, "auth": {"existingSecret": "auth"}}


def files(container: dict) -> dict[str, str]:
    told = chart.environment(container)
    return {name: value for name, value in told.items() if name.endswith("CA_FILE")}


@pytest.mark.parametrize("service", chart.SERVICES)
def test_a_process_is_told_of_the_authorities_of_what_it_uses(service):
    pod = chart.render(EXTERNAL, OWN).pods()[f"hubbub-{service}"]
    wanted = {"HUBBUB_NATS__CA_FILE": f"{AT}/bus.pem", "HUBBUB_TELEMETRY__OTLP_CA_FILE": f"{AT}/collector.pem"}
    if service in chart.WITH_REDIS:
        wanted["HUBBUB_REDIS__CA_FILE"] = f"{AT}/redis.pem"
    assert files(pod["containers"][0]) == wanted
    for container in pod["containers"] + pod.get("initContainers", []):
        mounts = {mount["name"]: mount for mount in container["volumeMounts"]}
        assert mounts["authorities"] == {"name": "authorities", "mountPath": AT, "readOnly": True}
    (volume,) = [volume for volume in pod["volumes"] if volume["name"] == "authorities"]
    assert volume["secret"]["secretName"] == "authorities"
    keys = {"postgres.pem", "redis.pem", "bus.pem", "collector.pem"}
    assert {(entry["key"], entry["path"]) for entry in volume["secret"]["items"]} == {(key, key) for key in keys}


def test_a_migration_can_verify_the_database_too():
    job = chart.render(EXTERNAL, OWN, HOOK).pods()["hubbub-migrations"]
    assert [volume["secret"]["secretName"] for volume in job["volumes"]] == ["authorities"]
    for container in job["containers"]:
        assert [mount["mountPath"] for mount in container["volumeMounts"]] == [AT]
        # It has no collector, and a file without one stops the process.
        assert "HUBBUB_TELEMETRY__OTLP_CA_FILE" not in files(container)


def test_without_authorities_nothing_is_told_and_nothing_is_mounted():
    for name, pod in chart.render(EXTERNAL).pods().items():
        assert all(volume["name"] != "authorities" for volume in pod.get("volumes", [])), name
        assert not any(files(container) for container in pod["containers"]), name


@pytest.mark.parametrize(
    ("layers", "why"),
    [
        ((EXTERNAL, {"authorities": {"redisKey": "redis.pem"}}), "authorities.existingSecret is empty"),
        (({"authorities": {"existingSecret": "a", "redisKey": "redis.pem"}},), "bundled redis has no certificate"),
        (({"authorities": {"existingSecret": "a", "natsKey": "bus.pem"}},), "bundled nats has no certificate"),
        (
            (EXTERNAL, {"authorities": {"existingSecret": "a", "collectorKey": "c.pem"}}),
            "otlpEndpoint does not begin with https",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_cannot_work_is_refused_with_the_reason(layers, why):
    with pytest.raises(Exception, match=re.escape(why)):
        chart.render(*layers)


def test_a_key_is_a_name_and_no_path():
    with pytest.raises(Exception, match="(?i)match|pattern"):
        chart.CHART.validate_schema(chart.merged(chart.PLAIN, {"authorities": {"redisKey": "../redis.pem"}}))
