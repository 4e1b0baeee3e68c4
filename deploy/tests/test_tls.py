"""What pods are told of stores, a bus and a collector that speak TLS with certificates of one's own authorities."""

import base64
import hashlib
import json
import re
import subprocess

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
    (source,) = volume["projected"]["sources"]
    assert source["secret"]["name"] == "authorities"
    keys = {"postgres.pem", "redis.pem", "bus.pem", "collector.pem"}
    assert {(entry["key"], entry["path"]) for entry in source["secret"]["items"]} == {(key, key) for key in keys}


def test_a_migration_can_verify_the_database_too():
    job = chart.render(EXTERNAL, OWN, HOOK).pods()["hubbub-migrations"]
    (volume,) = job["volumes"]
    assert [source["secret"]["name"] for source in volume["projected"]["sources"]] == ["authorities"]
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
        (({"authorities": {"existingSecret": "a", "redisKey": "redis.pem"}},), "those of the bundled redis come from certificates.mode"),
        (({"authorities": {"existingSecret": "a", "natsKey": "bus.pem"}},), "those of the bundled nats come from certificates.mode"),
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


# Of the stores in the release.

ALL = ["nats", "postgres", "redis"]


def certificates(objects: chart.Objects) -> dict[str, dict]:
    return {name: objects.get("Secret", f"hubbub-{name}-tls") for name in ALL}


def pem(item: dict, key: str) -> bytes:
    return base64.b64decode(item["data"][key])


def test_every_bundled_store_proves_the_names_it_is_asked_for_by(tmp_path):
    objects = chart.render()
    for store, item in certificates(objects).items():
        for key in ("ca.crt", "tls.crt", "tls.key"):
            (tmp_path / key).write_bytes(pem(item, key))
        assert item["data"]["ca.crt"] == objects.get("Secret", "hubbub-authority")["data"]["tls.crt"]
        host = f"hubbub-{store}"
        for name in (host, f"{host}.chat", f"{host}.chat.svc", "localhost"):
            assert openssl("verify", "-CAfile", "ca.crt", "-verify_hostname", name, "tls.crt", at=tmp_path)[0] == 0
        assert openssl("verify", "-CAfile", "ca.crt", "-verify_hostname", "other", "tls.crt", at=tmp_path)[0] != 0
        # It is good for the year, and for serving alone: nobody can sign with it.
        assert openssl("x509", "-in", "tls.crt", "-noout", "-checkend", str(364 * 86400), at=tmp_path)[0] == 0
        assert openssl("x509", "-in", "tls.crt", "-noout", "-checkend", str(366 * 86400), at=tmp_path)[0] != 0
        assert "CA:TRUE" not in openssl("x509", "-in", "tls.crt", "-noout", "-text", at=tmp_path)[1]
        (_, of_certificate), (_, of_key) = (
            openssl("x509", "-in", "tls.crt", "-noout", "-pubkey", at=tmp_path),
            openssl("pkey", "-in", "tls.key", "-pubout", at=tmp_path),
        )
        assert of_certificate == of_key


def openssl(*arguments: str, at) -> tuple[int, str]:
    ran = subprocess.run(["openssl", *arguments], cwd=at, capture_output=True, text=True)
    return ran.returncode, ran.stdout


def test_processes_believe_the_authority_of_the_release_alone():
    objects = chart.render()
    for service in chart.SERVICES:
        pod = objects.pods()[f"hubbub-{service}"]
        (volume,) = [volume for volume in pod["volumes"] if volume["name"] == "authorities"]
        mounted = {source["secret"]["name"]: source["secret"]["items"] for source in volume["projected"]["sources"]}
        wanted = {f"hubbub-{store}-tls": [{"key": "ca.crt", "path": f"bundled-{store}.pem"}] for store in ALL}
        assert mounted == wanted
        told = chart.environment(pod["containers"][0])
        assert told["HUBBUB_NATS__URL"] == "tls://hubbub-nats:4222"
        assert told["HUBBUB_NATS__CA_FILE"] == f"{AT}/bundled-nats.pem"
        assert told.get("HUBBUB_REDIS__CA_FILE") == (f"{AT}/bundled-redis.pem" if service in chart.WITH_REDIS else None)


def test_a_key_is_mounted_by_its_own_store_and_nobody_else():
    for name, pod in chart.render().pods().items():
        held = {
            volume["secret"]["secretName"]
            for volume in pod.get("volumes", [])
            if "tls.key" in str(volume.get("secret", {}).get("items"))
        }
        assert held == ({f"{name}-tls"} if name.removeprefix("hubbub-") in ALL else set())
        assert "hubbub-authority" not in str(pod)


def test_another_certificate_is_another_pod():
    first, second = chart.render(), chart.render({"site": {"origins": ["https://other.example.org"]}})
    made = lambda objects, kind, name: objects.get(kind, name)["spec"]["template"]["metadata"]["annotations"]
    for kind, name in [("Deployment", "nats"), ("Deployment", "redis"), ("StatefulSet", "postgres")]:
        one, other = (made(objects, kind, f"hubbub-{name}")["checksum/certificate"] for objects in (first, second))
        assert one == hashlib.sha256(first.get("Secret", f"hubbub-{name}-tls")["data"]["tls.crt"].encode()).hexdigest()
        assert one != other
    for service in chart.SERVICES:
        one = made(first, "Deployment", f"hubbub-{service}")["checksum/authority"]
        assert one == hashlib.sha256(pem(first.get("Secret", "hubbub-authority"), "tls.crt")).hexdigest()


@pytest.mark.parametrize("mode", ["certManager", "existing"])
def test_whoever_makes_them_pods_find_the_same(mode):
    ours, theirs = chart.render(), chart.render({"certificates": {"mode": mode}})
    assert ours.pods() == theirs.pods()
    assert not [name for name in theirs.names("Secret") if name.endswith(("-tls", "-authority"))]


def test_an_issuer_of_ones_own_takes_the_place_of_the_release_s():
    own = {"group": "cert-manager.io", "kind": "ClusterIssuer", "name": "company"}
    objects = chart.render({"certificates": {"mode": "certManager", "issuerRef": own}})
    assert objects.names("Issuer") == []
    assert objects.names("Certificate") == [f"hubbub-{store}-tls" for store in ALL]
    assert all(item["spec"]["issuerRef"] == own for item in objects.of("Certificate"))


def test_in_clear_only_where_that_is_said():
    objects = chart.render({"certificates": {"mode": "none"}})
    assert "tls" not in json.loads(objects.get("ConfigMap", "hubbub-nats")["data"]["nats.conf"])
    assert objects.get("Secret", "hubbub-redis")["stringData"]["url"].startswith("redis://")
    assert "pg_hba.conf" not in objects.get("ConfigMap", "hubbub-postgres")["data"]
    assert not [name for name in objects.names("Secret") if name.endswith(("-tls", "-authority"))]
    for pod in objects.pods().values():
        assert not [volume for volume in pod.get("volumes", []) if volume["name"] in ("tls", "authorities")]
