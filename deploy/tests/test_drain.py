"""Times of a shutdown fit into each other: nobody is killed in the middle, whatever the values."""

import re

import chart
import pytest

# crates/service/src/boot.rs gives the bus, the pool and the internal port 2 s each at the end, and the exporter of
# traces has 5 s of its own; the rest is room.
LAST_WORDS = 15
# gateway/src/listener.rs waits this long for requests that are under way after the drain.
REQUESTS = 5


def times(objects, name: str) -> dict[str, int]:
    """What the cluster and the process are told, in seconds."""
    spec = objects.pods()[f"hubbub-{name}"]
    container = spec["containers"][0]
    told = chart.environment(container)
    milliseconds = lambda variable: int(told.get(variable, 0)) / 1000
    return {
        "killed": spec["terminationGracePeriodSeconds"],
        "prestop": container["lifecycle"]["preStop"]["sleep"]["seconds"],
        "lag": milliseconds("HUBBUB_SHUTDOWN__LAG_MS"),
        "grace": milliseconds("HUBBUB_SHUTDOWN__GRACE_MS"),
        "drain": milliseconds("HUBBUB_GATEWAY__DRAIN_MS"),
    }


FILES = [(), ("values-dev.yaml",), ("values-production.yaml",)]


@pytest.mark.parametrize("files", FILES, ids=["plain", "dev", "production"])
@pytest.mark.parametrize("name", chart.SERVICES)
def test_there_is_time_for_every_step(name, files):
    objects = chart.render(*map(chart.values, files))
    it = times(objects, name)
    assert it["prestop"] > 0
    assert it["killed"] >= it["prestop"] + it["lag"] + it["grace"] + LAST_WORDS
    assert it["grace"] > it["drain"] + REQUESTS


def test_the_grace_period_follows_what_is_asked():
    shutdown = {"preStopSeconds": 7, "lagSeconds": 3, "graceSeconds": 50, "drainSeconds": 40}
    it = times(chart.render({"services": {"gateway": {"shutdown": shutdown}}}), "gateway")
    assert it == {"killed": 7 + 3 + 50 + 15, "prestop": 7, "lag": 3, "grace": 50, "drain": 40}
    longer = chart.merged({"shutdown": shutdown}, {"shutdown": {"terminationGracePeriodSeconds": 300}})
    assert times(chart.render({"services": {"gateway": longer}}), "gateway")["killed"] == 300


@pytest.mark.parametrize(
    ("shutdown", "why"),
    [
        ({"drainSeconds": 30, "graceSeconds": 35}, "needs at least 36"),
        ({"preStopSeconds": 10, "graceSeconds": 40, "terminationGracePeriodSeconds": 64}, "add up to 65"),
    ],
)
def test_what_does_not_add_up_is_refused(shutdown, why):
    with pytest.raises(Exception, match=why):
        chart.render({"services": {"gateway": {"shutdown": shutdown}}})


def test_the_last_words_are_those_of_the_source():
    boot = (chart.ROOT / "crates/service/src/boot.rs").read_text()
    listener = (chart.ROOT / "gateway/src/listener.rs").read_text()
    steps = boot.count("timeout(LAST_WORDS")
    seconds = int(re.search(r"const LAST_WORDS: Duration = Duration::from_secs\((\d+)\)", boot)[1])
    exporter = 5
    assert steps * seconds + exporter <= LAST_WORDS
    assert f"const HEAD_TIMEOUT: Duration = Duration::from_secs({REQUESTS})" in listener


def test_compose_waits_longer_than_the_processes_need():
    import yaml

    services = yaml.safe_load((chart.ROOT / "compose.yaml").read_text())["services"]
    for name, service in services.items():
        told = service.get("environment", {})
        if "HUBBUB_NATS__URL" in told:
            needs = int(told["HUBBUB_SHUTDOWN__GRACE_MS"]) + int(told.get("HUBBUB_SHUTDOWN__LAG_MS", 0))
            assert int(service["stop_grace_period"].rstrip("s")) >= needs / 1000 + LAST_WORDS, name
            drain = int(told.get("HUBBUB_GATEWAY__DRAIN_MS", 0))
            assert int(told["HUBBUB_SHUTDOWN__GRACE_MS"]) > drain + REQUESTS * 1000
