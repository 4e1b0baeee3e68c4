"""The whole product as the chart would run it, on one machine: its environment, its bus, its database, its Redis (all
three over TLS, with the chart's own certificates), its migrations, and nginx of compose.yaml in front of two gateways, Prometheus beside them. Then what `helm test` does, and the end of a pod.

Runs where HUBBUB_BIN_DIR names a folder with the five binaries, and nginx, Postgres, Redis, Prometheus and Node are there.
"""

import base64
import contextlib
import json
import os
import re
import shutil
import subprocess
import time
import tomllib
import urllib.error
import urllib.request
from pathlib import Path

import bundled
import chart
import panels
import programs
import pytest

BIN = os.environ.get("HUBBUB_BIN_DIR") and Path(os.environ["HUBBUB_BIN_DIR"]).resolve()
NODE = shutil.which("node")
ALL = [BIN, bundled.REDIS, NODE, panels.PROMETHEUS, programs.NGINX, programs.POSTGRES]
pytestmark = pytest.mark.skipif(
    not all(ALL), reason="needs HUBBUB_BIN_DIR, nginx, Postgres, Redis, Prometheus and Node"
)

# Panels may take this long: between two talks lie the seconds in which an address gets back what they cost it, two sign-ups
# and a failed log-in.
SHOWN_WITHIN = 300
LIMITS = tomllib.loads((chart.ROOT / "auth-svc/default.toml").read_text())["auth"]["limits"]
BETWEEN_TALKS = 3 * 60 / LIMITS["address_per_minute"]

# People wait for a drain; tests need not.
QUICK = {"services": {"gateway": {"shutdown": {"drainSeconds": 2, "graceSeconds": 10}}}}


class Release:
    """What the chart made, with the cluster's names turned into ports of this machine."""

    def __init__(self, folder: Path, seeds: Path, objects: chart.Objects, stores: dict[str, int]):
        self.folder, self.seeds, self.objects = folder, seeds, objects
        # By name: it is what a certificate is looked at for.
        self.hosts = {f"hubbub-{name}:{port}": f"localhost:{at}" for (name, port), at in stores.items()}
        self.site = folder / "site"
        self.site.mkdir()
        (self.site / "index.html").write_text("<!doctype html><title>Hubbub</title>")

    def secret(self, name: str, key: str) -> str:
        item = self.objects.get("Secret", name)
        known = item.get("stringData", {})
        return known[key] if key in known else base64.b64decode(item["data"][key]).decode()

    def environment(self, service: str, container: dict, ports: dict[str, int]) -> dict[str, str]:
        """The container's variables as the kubelet would set them."""
        told = {}
        for name, source in chart.environment(container).items():
            value = source if isinstance(source, str) else self.secret(**rename(source["secretKeyRef"]))
            for host, here in self.hosts.items():
                value = value.replace(host, here)
            value = value.replace(bundled.AUTHORITIES, str(self.folder / "authorities"))
            if name.endswith("__LISTEN"):
                value = f"127.0.0.1:{ports[value.rsplit(':', 1)[1]]}"
            told[name] = value
        told["HUBBUB_NATS__NKEY_FILE"] = str(self.seeds / f"{service}.seed")
        if service == "gateway":
            told["HUBBUB_GATEWAY__SITE"] = str(self.site)
        return told | {"PATH": os.environ["PATH"]}

    def migrate(self):
        """Runs the four init containers at once, as four Deployments would."""
        started = []
        for service in chart.WITH_DATABASE:
            (container,) = self.objects.pods()[f"hubbub-{service}"]["initContainers"]
            told = self.environment(service, container, {"9090": 0, "50051": 0})
            command = [BIN / service, *container["args"]]
            started.append(
                (service, subprocess.Popen(command, env=told, stdout=subprocess.PIPE, stderr=subprocess.STDOUT))
            )
        for service, process in started:
            said, _ = process.communicate(timeout=programs.PATIENCE)
            assert process.returncode == 0, f"{service}: {said.decode()}"

    @contextlib.contextmanager
    def process(self, service: str, number: int = 1):
        """Runs a pod; gives the process and its ports, by what they are in the cluster."""
        container = self.objects.pods()[f"hubbub-{service}"]["containers"][0]
        ports = {port: programs.free_port() for port in ("8080", "9090", "50051")}
        told = self.environment(service, container, ports)
        probe = container["startupProbe"]["httpGet"]["path"]
        is_up = lambda: programs.status(ports["9090"], probe) == 200
        with programs.running(f"{service}-{number}", self.folder, [BIN / service], is_up, env=told) as process:
            yield process, ports


def rename(reference: dict) -> dict:
    return {"name": reference["name"], "key": reference["key"]}


def until(is_so, why):
    deadline = time.monotonic() + programs.PATIENCE
    while not is_so():
        assert time.monotonic() < deadline, why()
        time.sleep(0.05)


@contextlib.contextmanager
def stores(folder: Path, objects: chart.Objects):
    """The three stores with the configuration of the chart."""
    bundled.lay_certificates(folder, objects)
    with (
        bundled.postgres(folder, objects) as postgres,
        bundled.bus(folder, objects) as nats,
        bundled.redis(folder, objects) as redis,
    ):
        postgres.prepare(**bundled.passwords(objects))
        yield {("postgres", 5432): postgres.port, ("nats", 4222): nats, ("redis", 6379): redis}


def test_two_people_meet_and_talk_and_nobody_is_killed_at_the_end(keys, keyed):
    objects = chart.render({"nats": {"keys": {"enabled": True}}}, keyed, QUICK)
    with programs.closed_to_nobody() as folder, stores(folder, objects) as found, contextlib.ExitStack() as pods:
        release = Release(folder, keys / "seeds", objects, found)
        release.migrate()
        started = [pods.enter_context(release.process(service)) for service in chart.WITH_DATABASE]
        gateways = [pods.enter_context(release.process("gateway", number)) for number in (1, 2)]
        for process, ports in [*started, *gateways]:
            until(
                lambda: programs.status(ports["9090"], "/readyz") == 200, lambda: programs.log_of(folder, "gateway-1")
            )

        scraped = {name: [ports["9090"]] for name, (_, ports) in zip(chart.WITH_DATABASE, started)}
        scraped["gateway"] = [ports["9090"] for _, ports in gateways]
        upstreams = [ports["8080"] for _, ports in gateways]
        with programs.nginx(folder, upstreams) as port, panels.prometheus(folder, scraped) as watching:
            assert programs.status(port, "/") == 200, "the page is served"
            talk_until_shown(watching, port, lambda: programs.log_of(folder, "gateway-1"))
            metrics = [exposed(ports["9090"]) for _, ports in gateways]
            assert all("connection_established_total" in text for text in metrics), "both gateways had somebody"
            assert programs.status(port, "/metrics") != 200 or "hubbub_" not in exposed(port), "metrics stay inside"

        said = "".join(log.read_text() for log in folder.glob("*.log"))
        refusals = ["bus_refused", "NOPERM", "permission denied", "rights_beyond_table"]
        assert [refusal for refusal in refusals if refusal in said] == []
        # Without Redis the product works, too: only they tell. A call may come too late on a busy machine, never all.
        failed = re.compile(r"^((?:session_cache|presence_store)_failed_total)\S* (\d+)$", re.MULTILINE)
        failures = [failed.findall(exposed(ports["9090"])) for _, ports in started]
        assert [(name, count) for found in failures for name, count in found if int(count) > 2] == []
        for name, (process, _) in zip([*chart.WITH_DATABASE, "gateway", "gateway"], [*started, *gateways]):
            process.terminate()
            pod = objects.pods()[f"hubbub-{name}"]
            slept = pod["containers"][0]["lifecycle"]["preStop"]["sleep"]["seconds"]
            assert process.wait(pod["terminationGracePeriodSeconds"] - slept) == 0, name


def talk_until_shown(watching: int, port: int, log):
    """People talk until every panel has data. A rate is between two scrapes, so they do it more than once."""
    deadline = time.monotonic() + SHOWN_WITHIN
    while True:
        talk = smoke(port)
        assert talk.returncode == 0, talk.stderr + log()
        misbehave(port)
        ended, again = time.time(), time.monotonic() + BETWEEN_TALKS
        while not panels.scraped_since(watching, ended) or time.monotonic() < again:
            if not panels.empty(watching):
                return
            assert time.monotonic() < deadline, f"panels without data: {panels.empty(watching)}"
            time.sleep(0.2)


def misbehave(port: int):
    """What dashboards have to show of people who do not get in."""
    at = f"http://127.0.0.1:{port}/v1"
    guess = json.dumps({"username": "nobody_here", "password": "a guess of twenty letters"}).encode()
    assert refusal(f"{at}/login", guess, {"content-type": "application/json"}) == 401
    socket = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13"}
    socket |= {"Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Protocol": "hubbub.v1.json"}
    assert refusal(f"{at}/rt", None, socket | {"Origin": "https://elsewhere.example"}) == 403


def refusal(address: str, body: bytes | None, headers: dict) -> int:
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(urllib.request.Request(address, body, headers), timeout=programs.PATIENCE)
    return refused.value.code


def exposed(port: int) -> str:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=programs.PATIENCE) as answer:
        return answer.read().decode()


def smoke(port: int):
    """What `helm test` runs. Node 20 has its WebSocket behind a flag."""
    version = subprocess.run([NODE, "--version"], capture_output=True, text=True).stdout
    flags = ["--experimental-websocket"] if version.startswith("v20.") else []
    command = [NODE, *flags, chart.PATH / "files/smoke.mjs"]
    told = os.environ | {"GATEWAY": f"http://127.0.0.1:{port}"}
    return subprocess.run(command, env=told, capture_output=True, text=True, timeout=90)
