"""The Dockerfile, what it is built from, and compose.yaml."""

import fnmatch
import re
import subprocess
import sysconfig
import tomllib
from pathlib import Path

import bus_table
import chart
import pytest
import yaml

ROOT = chart.ROOT
SCRIPTS = Path(sysconfig.get_path("scripts"))
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text())
DOCKERFILE = (ROOT / "Dockerfile").read_text()


def test_hadolint_finds_nothing():
    checked = subprocess.run([SCRIPTS / "hadolint", ROOT / "Dockerfile"], capture_output=True, text=True)
    assert checked.returncode == 0, checked.stdout


def test_hadolint_would_find_something(tmp_path):
    wrong = tmp_path / "Dockerfile"
    wrong.write_text(DOCKERFILE.replace("USER 65532:65532", "USER root"))
    assert "DL3002" in subprocess.run([SCRIPTS / "hadolint", wrong], capture_output=True, text=True).stdout


def test_compose_is_what_its_schema_wants():
    command = [SCRIPTS / "check-jsonschema", "--builtin-schema", "vendor.compose-spec", ROOT / "compose.yaml"]
    checked = subprocess.run(command, capture_output=True, text=True)
    assert checked.returncode == 0, checked.stdout


def test_the_image_builds_all_five_and_runs_as_nobody_in_particular():
    assert re.findall(r"--package (\S+?)[\s\"]", DOCKERFILE) and all(
        f"--package {s}" in DOCKERFILE for s in chart.SERVICES
    )
    last = DOCKERFILE[DOCKERFILE.rindex("\nFROM ") :]
    assert "distroless" in last and ":nonroot" in last and "USER 65532:65532" in last and "RUN" not in last


def test_the_toolchain_is_new_enough():
    wanted = tomllib.loads((ROOT / "Cargo.toml").read_text())["workspace"]["package"]["rust-version"]
    version = lambda text: [int(part) for part in text.split(".")]
    assert version(re.search(r"^ARG RUST=(.+)$", DOCKERFILE, re.M)[1]) >= version(wanted)


def is_sent(path: str) -> bool:
    """Whether .dockerignore lets a path into the build; the last line that fits decides."""
    sent = True
    for line in (ROOT / ".dockerignore").read_text().splitlines():
        pattern = line.strip().lstrip("!")
        if not pattern or pattern.startswith("#"):
            continue
        parts = path.split("/")
        heads = ["/".join(parts[: length + 1]) for length in range(len(parts))]
        if pattern.startswith("**/"):
            fits = any(fnmatch.fnmatch(part, pattern[3:]) for part in parts)
        else:
            fits = any(fnmatch.fnmatch(head, pattern) for head in heads)
        if fits:
            sent = line.startswith("!")
    return sent


def test_the_build_gets_all_it_needs_and_nothing_secret():
    members = tomllib.loads((ROOT / "Cargo.toml").read_text())["workspace"]["members"]
    needed = [f"{member}/Cargo.toml" for member in members]
    needed += [
        "Cargo.toml",
        "Cargo.lock",
        ".sqlx/query.json",
        "gateway/default.toml",
        "web/index.html",
        "package-lock.json",
    ]
    needed += [f"{name}/package.json" for name in ("sdk", "web", "e2e")]
    assert [path for path in needed if not is_sent(path)] == []
    kept = [
        ".env",
        ".git/HEAD",
        ".hubbub/master.key",
        "target/debug/x",
        "node_modules/x",
        "web/dist/x",
        "docs/deploy.md",
    ]
    assert [path for path in kept if is_sent(path)] == []


def test_compose_opens_loopback_ports_alone():
    for name, service in COMPOSE["services"].items():
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", [])), name


@pytest.mark.parametrize("name", COMPOSE["services"])
def test_what_compose_mounts_is_in_the_repository_or_made_by_the_keys(name):
    made = {"nats.conf"} | {f"{service}.seed" for service in bus_table.table()["peers"]}
    for volume in COMPOSE["services"][name].get("volumes", []):
        source = volume.split(":")[0]
        if source.startswith("./.hubbub/compose/"):
            assert source.rsplit("/", 1)[1] in made
        elif source.startswith("./"):
            assert (ROOT / source).exists(), source
        else:
            assert source in COMPOSE["volumes"]


def test_every_password_that_compose_asks_for_is_made():
    text = (ROOT / "compose.yaml").read_text()
    made = re.search(r"names = \[(.+?)\]", (ROOT / "deploy/keys.py").read_text())[1]
    made = {f"PASSWORD_{name}" for name in re.findall(r'"(\w+)"', made)} | {"MASTER_KEY"}
    assert set(re.findall(r"\$\{(\w+):\?", text)) == made
    assert ".env" in (ROOT / ".gitignore").read_text().split()


def test_chart_and_compose_run_the_same_stores():
    values = chart.CHART.values
    for name in ("nats", "postgres", "redis"):
        assert COMPOSE["services"][name]["image"] == values[name]["bundled"]["image"]
