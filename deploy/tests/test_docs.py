"""docs/deploy.md: every command is run. What would change a cluster, a registry or a database only notes what it was asked.

What can be real is: keys are made, Secrets are built by the real kubectl, overlays too, values are rendered.
"""

import json
import os
import re
import shutil
import subprocess
import sysconfig

import chart
import pytest
import yaml

PAGE = chart.ROOT / "docs/deploy.md"
NEEDED = ["helm", "k8s", "deploy", "compose.yaml", "Dockerfile"]

# Notes its name, its arguments and the passwords it was given; a Secret is built without a cluster.
STAND_IN = """#!/bin/sh
python3 - "$(basename "$0")" "$@" <<'END' >> "$ASKED"
import json, os, sys
passwords = {name: value for name, value in os.environ.items() if name.startswith("PASSWORD_")}
print(json.dumps({"command": sys.argv[1:], "passwords": passwords}))
END
case "$(basename "$0") $1 $2" in
  "kubectl create secret") exec "$REAL_KUBECTL" "$@" --dry-run=client --output yaml >> "$SECRETS" ;;
  "kubectl kustomize "*) exec "$REAL_KUBECTL" "$@" > /dev/null ;;
esac
"""


def blocks() -> str:
    return "\n".join(re.findall(r"^```sh\n(.*?)^```", PAGE.read_text(), re.MULTILINE | re.DOTALL))


@pytest.fixture(scope="module")
def walked(tmp_path_factory):
    """The folder of a checkout in which the whole page was typed, and what was asked."""
    folder = tmp_path_factory.mktemp("checkout")
    for name in NEEDED:
        copy = shutil.copytree if (chart.ROOT / name).is_dir() else shutil.copy
        copy(chart.ROOT / name, folder / name)
    # What an operator brings along.
    (folder / "my-authority.pem").write_text("a certificate")
    tools = folder / "stand-ins"
    tools.mkdir()
    for name in ("kubectl", "helm", "docker", "kind", "psql", "git"):
        (tools / name).write_text(STAND_IN)
        (tools / name).chmod(0o755)
    told = os.environ | {
        "PATH": f"{tools}:{os.environ['PATH']}",
        "ASKED": str(folder / "asked"),
        "SECRETS": str(folder / "secrets.yaml"),
        "REAL_KUBECTL": f"{sysconfig.get_path('scripts')}/kubectl",
    }
    ran = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", blocks()], cwd=folder, env=told, capture_output=True, text=True
    )
    assert ran.returncode == 0, ran.stderr
    asked = [json.loads(line) for line in (folder / "asked").read_text().splitlines()]
    return folder, asked


def commands(asked: list, *start: str) -> list[list[str]]:
    return [entry["command"] for entry in asked if entry["command"][: len(start)] == list(start)]


def test_the_secrets_of_the_page_are_those_that_production_asks_for(walked):
    folder, _ = walked
    made = {}
    for text in re.split(r"(?m)^(?=apiVersion:)", (folder / "secrets.yaml").read_text()):
        if text.strip():
            item = yaml.safe_load(text)
            if item["metadata"]["namespace"] == "chat":
                made[item["metadata"]["name"]] = set(item["data"])
            else:
                # The bus has a namespace, and a certificate, of its own.
                assert (item["metadata"]["namespace"], item["metadata"]["name"]) == ("nats", "bus-tls")
                assert set(item["data"]) == {"ca.crt", "tls.crt", "tls.key"}
    asked = {}
    for pod in (
        chart.render({"nats": {"keys": {"enabled": True}}}, chart.values("values-production.yaml")).pods().values()
    ):
        for container in pod["containers"] + pod.get("initContainers", []):
            for source in chart.environment(container).values():
                if isinstance(source, dict):
                    asked.setdefault(source["secretKeyRef"]["name"], set()).add(source["secretKeyRef"]["key"])
        for volume in pod.get("volumes", []):
            mounted = [volume["secret"]] if "secret" in volume else []
            mounted += [source["secret"] for source in volume.get("projected", {}).get("sources", [])]
            for secret in mounted:
                keys = {entry["key"] for entry in secret["items"]}
                asked.setdefault(secret.get("secretName") or secret["name"], set()).update(keys)
    assert made == asked


def test_every_release_of_the_page_renders(walked):
    folder, asked = walked
    ours = [command for command in asked if command["command"][:2] in (["helm", "install"], ["helm", "upgrade"])]
    ours = [entry["command"] for entry in ours if entry["command"][3] == "helm/hubbub"]
    assert len(ours) == 4
    for command in ours:
        files = [command[index + 1] for index, word in enumerate(command) if word == "--values"]
        layers = [yaml.safe_load((folder / file).read_text()) for file in files]
        assert layers and chart.texts(chart.merged(*layers))
    (bus,) = commands(asked, "helm", "install", "nats")
    assert (folder / bus[bus.index("--values") + 1]).exists()


def test_psql_is_given_every_password_and_scripts_that_are_there(walked):
    folder, asked = walked
    (call,) = [entry for entry in asked if entry["command"][0] == "psql" and "--file" in entry["command"]]
    scripts = [word for word in call["command"] if word.endswith(".sql")]
    assert [script.rsplit("/", 1)[1] for script in scripts] == ["roles.sql", "passwords.sql"]
    assert all((folder / script).exists() for script in scripts)
    wanted = set(re.findall(r"\\getenv \w+ (\w+)", (folder / scripts[1]).read_text()))
    assert wanted <= set(call["passwords"]) and all(call["passwords"][name] for name in wanted)


def test_all_five_images_are_built(walked):
    _, asked = walked
    built = [word for command in commands(asked, "docker", "build") for word in command if word.startswith("SERVICE=")]
    assert sorted(built) == [f"SERVICE={name}" for name in chart.SERVICES]


def test_the_services_that_are_forwarded_exist(walked):
    _, asked = walked
    services = {item["metadata"]["name"]: item["spec"]["ports"] for item in chart.render().of("Service")}
    forwarded = [command for command in commands(asked, "kubectl") if "port-forward" in command]
    assert len(forwarded) == 2
    for command in forwarded:
        service, port = command[command.index("port-forward") + 1 :]
        ports = [entry["port"] for entry in services[service.removeprefix("svc/")]]
        assert int(port.split(":")[-1]) in ports


def test_numbers_of_the_page_are_those_of_the_chart():
    page, defaults = PAGE.read_text(), chart.CHART.values["defaults"]
    cpu, shutdown = defaults["autoscaling"]["cpu"], defaults["shutdown"]
    assert f"above {cpu['scaleOutPercent']} %" in page and f"below {cpu['scaleInPercent']} %" in page
    assert f"serving for {shutdown['preStopSeconds']} s" in page
    assert f"`postgres.maxConnections` ({chart.CHART.values['postgres']['maxConnections']})" in page
