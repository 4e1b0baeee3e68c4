"""What every pod is allowed, and what it is told."""

import re
import tomllib

import chart
import pytest

HOOK = {
    "postgres": {"mode": "external", "existingSecret": "pg"},
    "migrations": {"mode": "hook"},
    "auth": {"existingSecret": "auth"},
}


def everything() -> dict[str, dict]:
    return chart.render().pods() | chart.render(HOOK).pods()


@pytest.mark.parametrize("name", everything())
def test_a_pod_passes_the_restricted_standard_and_more(name):
    pod = everything()[name]
    security = pod["securityContext"]
    assert security["runAsNonRoot"] is True and security["runAsUser"] > 0
    assert security["seccompProfile"] == {"type": "RuntimeDefault"}
    assert pod["automountServiceAccountToken"] is False
    assert pod["enableServiceLinks"] is False
    assert not {"hostNetwork", "hostPID", "hostIPC"} & set(pod)
    assert all(set(volume) & {"secret", "configMap", "emptyDir", "projected"} for volume in pod.get("volumes", []))
    for container in pod["containers"] + pod.get("initContainers", []):
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        assert "memory" in container["resources"]["limits"]
        assert set(container["resources"]["requests"]) >= {"cpu", "memory"}


def test_a_gateway_has_two_processors_and_3008_mebibytes():
    for layers in [(), (chart.values("values-production.yaml"),)]:
        resources = chart.render(*layers).pods()["hubbub-gateway"]["containers"][0]["resources"]
        assert resources == {key: {"cpu": "2", "memory": "3008Mi"} for key in ("requests", "limits")}


@pytest.mark.parametrize("name", chart.SERVICES)
def test_probes_ask_the_internal_port(name):
    container = chart.render().pods()[f"hubbub-{name}"]["containers"][0]
    ports = {port["name"]: port["containerPort"] for port in container["ports"]}
    told = chart.environment(container)
    assert told["HUBBUB_HTTP__LISTEN"] == f"0.0.0.0:{ports['internal']}"
    probes = [container[f"{kind}Probe"]["httpGet"] for kind in ("startup", "readiness", "liveness")]
    assert [probe["path"] for probe in probes] == ["/livez", "/readyz", "/livez"]
    assert {probe["port"] for probe in probes} == {"internal"}
    if name == "gateway":
        assert told["HUBBUB_GATEWAY__LISTEN"] == f"0.0.0.0:{ports['http']}" and "grpc" not in ports
    else:
        assert told["HUBBUB_GRPC__LISTEN"] == f"0.0.0.0:{ports['grpc']}"


def known_settings(name: str) -> set[str]:
    """The variables that a process takes, from its defaults and from what has none."""
    read = lambda path: (chart.ROOT / path).read_text()
    found = set()

    def walk(section, path):
        for key, value in section.items():
            walk(value, [*path, key]) if isinstance(value, dict) else found.add("__".join([*path, key]).upper())

    walk(tomllib.loads(read("crates/service/default.toml")), [])
    walk(tomllib.loads(read(f"{name}/default.toml")), [])
    if name in chart.WITH_DATABASE:
        found |= {f"PG__{key.upper()}" for key in re.findall(r"^    pub (\w+):", read("crates/pg/src/lib.rs"), re.M)}
    if name == "auth-svc":
        found |= {"AUTH__MASTER_KEY", "AUTH__BOOTSTRAP_ADMIN"}
    return {f"HUBBUB_{setting}" for setting in found}


@pytest.mark.parametrize("name", chart.SERVICES)
def test_every_variable_is_a_setting_of_that_process(name, keyed):
    """An unknown one stops the start."""
    pod = chart.render({"nats": {"keys": {"enabled": True}}}, keyed).pods()[f"hubbub-{name}"]
    for container in pod["containers"] + pod.get("initContainers", []):
        assert set(chart.environment(container)) <= known_settings(name)
    import yaml

    for service in yaml.safe_load((chart.ROOT / "compose.yaml").read_text())["services"].values():
        if service["image"].startswith(f"ghcr.io/hubbub-chat/{name}:"):
            assert set(service["environment"]) <= known_settings(name)


def test_an_own_variable_replaces_the_chart_s():
    env = {"HUBBUB_TELEMETRY__FILTER": "debug", "HUBBUB_ROOM__NAME_CACHE": "5"}
    told = chart.environment(
        chart.render({"services": {"room-svc": {"env": env}}}).pods()["hubbub-room-svc"]["containers"][0]
    )
    assert env.items() <= told.items()


def secrets_of(pod: dict, kind: str) -> dict[str, str]:
    return {
        name: source["secretKeyRef"]["key"]
        for container in pod.get(kind, [])
        for name, source in chart.environment(container).items()
        if isinstance(source, dict)
    }


@pytest.mark.parametrize("name", chart.SERVICES)
def test_a_process_holds_its_own_secrets_and_no_others(name, keyed):
    pod = chart.render({"nats": {"keys": {"enabled": True}}}, keyed).pods()[f"hubbub-{name}"]
    expected = {"HUBBUB_PG__URL": f"{name}-url"} if name in chart.WITH_DATABASE else {}
    expected |= {"HUBBUB_REDIS__URL": "url"} if name in chart.WITH_REDIS else {}
    if name == "auth-svc":
        expected |= {"HUBBUB_AUTH__MASTER_KEY": "master-key", "HUBBUB_AUTH__BOOTSTRAP_ADMIN": "bootstrap-admin"}
    assert secrets_of(pod, "containers") == expected
    authorities, volume = pod["volumes"]
    assert {entry["key"] for source in authorities["projected"]["sources"] for entry in source["secret"]["items"]} == {
        "ca.crt"
    }
    assert volume["secret"]["items"] == [{"key": f"{name}.seed", "path": "seed"}]
    assert chart.environment(pod["containers"][0])["HUBBUB_NATS__NKEY_FILE"] == "/run/secrets/bus/seed"


def test_only_what_migrates_holds_the_owner_s_password():
    for name, pod in chart.render().pods().items():
        held = [container["name"] for container in pod.get("initContainers", [])]
        assert held == ([f"migrate-{name.removeprefix('hubbub-')}"] if name[7:] in chart.WITH_DATABASE else [])
        assert "owner-url" not in secrets_of(pod, "containers").values() or name == "hubbub-postgres"
    hooked = chart.render(HOOK)
    job = hooked.get("Job", "hubbub-migrations")
    assert job["metadata"]["annotations"]["helm.sh/hook"] == "pre-install,pre-upgrade"
    containers = job["spec"]["template"]["spec"]["containers"]
    assert [container["args"] for container in containers] == [["migrate"]] * len(chart.WITH_DATABASE)
    assert all("HUBBUB_PG__MIGRATE_URL" in chart.environment(container) for container in containers)
    for name, pod in hooked.pods().items():
        if name != "hubbub-migrations":
            assert "owner-url" not in secrets_of(pod, "containers").values() and "initContainers" not in pod


def test_no_secret_stands_in_a_text_that_is_not_one(keyed):
    """Made passwords are in Secrets that outlive the release, and nowhere else."""
    objects = chart.render({"nats": {"keys": {"enabled": True}}}, keyed)
    # Certificates are worth nothing to another installation: they go with this one.
    made = [item for item in objects.of("Secret") if item.get("type") != "kubernetes.io/tls"]
    assert {item["metadata"]["name"] for item in made} == {"hubbub-auth", "hubbub-postgres", "hubbub-redis"}
    assert all(item["metadata"]["annotations"]["helm.sh/resource-policy"] == "keep" for item in made)
    passwords = [
        value for item in made for key, value in item.get("stringData", {}).items() if key.endswith("password")
    ]
    assert len(set(passwords)) == len(passwords) == 7
    others = str([item for item in objects if item["kind"] != "Secret"])
    assert not [password for password in passwords if password in others]
    held = chart.render(
        {"auth": {"existingSecret": "a"}, "redis": {"existingSecret": "r"}, "postgres": {"existingSecret": "p"}}
    )
    assert [item for item in held.of("Secret") if item.get("type") != "kubernetes.io/tls"] == []


def test_rollouts_never_have_fewer_pods_than_before():
    for item in chart.render().of("Deployment"):
        if item["metadata"]["name"].removeprefix("hubbub-") in chart.SERVICES:
            strategy = item["spec"]["strategy"]["rollingUpdate"]
            assert strategy == {"maxSurge": "25%", "maxUnavailable": 0}
            spread = item["spec"]["template"]["spec"]["topologySpreadConstraints"]
            keys = [constraint["topologyKey"] for constraint in spread]
            assert keys == ["topology.kubernetes.io/zone", "kubernetes.io/hostname"]
            assert all(constraint["matchLabelKeys"] == ["pod-template-hash"] for constraint in spread)


def test_selectors_are_those_of_their_pods_and_never_change():
    for item in chart.render():
        if item["kind"] in {"Deployment", "StatefulSet"}:
            selector = item["spec"]["selector"]["matchLabels"]
            assert set(selector) == {f"app.kubernetes.io/{key}" for key in ("name", "instance", "component")}
            assert selector.items() <= item["spec"]["template"]["metadata"]["labels"].items()
