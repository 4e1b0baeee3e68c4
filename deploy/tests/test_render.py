"""The chart renders over a matrix of values, and Kubernetes would take every object of it."""

import copy
import functools
import itertools

import chart
import kubernetes_validate
import kubernetes_validate.utils
import pytest
import yaml
from helm_python.chart import lint

VERSIONS = ["1.34", "1.37"]
CUSTOM = {"cert-manager.io/v1", "gateway.networking.k8s.io/v1", "keda.sh/v1alpha1", "monitoring.coreos.com/v1"}

# Read once, not once for each object.
kubernetes_validate.utils.schema_contents = functools.cache(kubernetes_validate.utils.schema_contents)

KEYS_ASKED = {"nats": {"keys": {"enabled": True}}}
EXTERNAL = {
    "nats": {"mode": "external", "external": {"url": "nats://a.example:4222,nats://b.example:4222"}},
    "postgres": {"mode": "external", "existingSecret": "pg"},
    "redis": {"mode": "external", "existingSecret": "redis"},
}
EVERYTHING = {
    "global": {"imageRegistry": "mirror.example/", "imagePullSecrets": ["pull"]},
    "telemetry": {"otlpEndpoint": "https://collector:4317"},
    "authorities": {"existingSecret": "authorities", "collectorKey": "collector.pem"},
    "defaults": {
        "podLabels": {"team": "chat"},
        "podAnnotations": {"note": "yes"},
        "nodeSelector": {"kubernetes.io/os": "linux"},
        "tolerations": [{"key": "chat", "operator": "Exists"}],
        "affinity": {"podAntiAffinity": {}},
        "priorityClassName": "high",
        "image": {"digest": "sha256:" + "0" * 64},
    },
    "services": {"gateway": {"service": {"type": "LoadBalancer", "annotations": {"a": "b"}}}},
    "httpRoute": {"enabled": True, "parentRefs": [{"name": "public"}], "timeouts": {"request": "0s"}},
    "ingress": {"enabled": True, "className": "x", "hosts": ["chat.example.org"], "tls": [{"secretName": "tls"}]},
    "networkPolicy": {
        key: [{"ipBlock": {"cidr": "10.0.0.0/8"}}] for key in ["clientsFrom", "adminFrom", "storesTo", "telemetryTo"]
    },
    "monitoring": {key: {"enabled": True} for key in ["serviceMonitor", "prometheusRule", "dashboards"]},
    "extraObjects": [{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "mine"}, "data": {"a": "b"}}],
}


def matrix() -> dict[str, tuple]:
    """Every combination of what changes the shape of the release."""
    stores = {"bundled": {}, "external": EXTERNAL}
    scaling = {
        "hpa": {},
        "keda": {"services": {"gateway": {"keda": {"enabled": True}}}},
        "fixed": {"defaults": {"autoscaling": {"enabled": False}}},
    }
    extent = {"least": {"networkPolicy": {"enabled": False}}, "everything": EVERYTHING}
    axes = itertools.product(stores.items(), scaling.items(), extent.items())
    cases = {"-".join(name for name, _ in axis): tuple(layer for _, layer in axis) for axis in axes}
    cases["dev"] = (chart.values("values-dev.yaml"),)
    cases["production"] = (KEYS_ASKED, chart.values("values-production.yaml"))
    cases["hook"] = (EXTERNAL, {"migrations": {"mode": "hook"}, "auth": {"existingSecret": "auth"}})
    cases["none"] = ({"migrations": {"mode": "none"}},)
    for mode in ("certManager", "existing", "none"):
        cases[f"certificates-{mode}"] = ({"certificates": {"mode": mode}},)
    cases["half"] = ({"redis": EXTERNAL["redis"]}, EVERYTHING)
    return cases


@pytest.mark.parametrize("layers", matrix().values(), ids=matrix())
def test_every_object_is_one_that_kubernetes_knows(layers):
    objects = chart.render(*layers)
    assert len(objects) > 20
    for item in objects:
        if item["apiVersion"] not in CUSTOM:
            for version in VERSIONS:
                kubernetes_validate.validate(item, version, strict=True)
    identities = [(item["apiVersion"], item["kind"], item["metadata"]["name"]) for item in objects]
    assert len(identities) == len(set(identities))


def test_the_check_of_objects_sees_a_misspelt_field():
    deployment = chart.render().get("Deployment", "hubbub-gateway")
    kubernetes_validate.validate(deployment, VERSIONS[0], strict=True)
    wrong = copy.deepcopy(deployment)
    wrong["spec"]["template"]["spec"]["terminationGracePeriod"] = 30
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(wrong, VERSIONS[0], strict=True)


@pytest.mark.parametrize("name", ["values-dev.yaml", "values-production.yaml"])
def test_lint_finds_nothing(name):
    report = lint(chart.PATH, chart.values(name), strict=True, kube_version="v1.34.0")
    assert not report["errors"]
    assert report["messages"] == []


def test_with_keys_the_bundled_release_renders_and_without_them_it_says_what_to_type(keyed):
    assert chart.render({"nats": {"keys": {"enabled": True}}}, keyed).names("Deployment")
    with pytest.raises(Exception, match="deploy/keys.py"):
        chart.render({"nats": {"keys": {"enabled": True}}})
    half = chart.merged(keyed, {"nats": {"keys": {"enabled": True, "public": {}}}})
    half["nats"]["keys"]["public"] = {"gateway": keyed["nats"]["keys"]["public"]["gateway"]}
    with pytest.raises(Exception, match="nats.keys.public.auth-svc is missing"):
        chart.render(half)


@pytest.mark.parametrize(
    ("layer", "why"),
    [
        ({"site": {"origins": []}}, "site.origins is empty"),
        ({"nats": {"mode": "external"}}, "nats.external.url"),
        ({"postgres": {"mode": "external"}}, "postgres.existingSecret"),
        ({"redis": {"mode": "external"}}, "redis.existingSecret"),
        ({"migrations": {"mode": "hook"}}, "a bundled Postgres is not there"),
        (EXTERNAL | {"migrations": {"mode": "hook"}}, "auth.existingSecret"),
        ({"httpRoute": {"enabled": True}}, "httpRoute.parentRefs"),
        ({"ingress": {"enabled": True}}, "ingress.hosts"),
        ({"services": {"auth-svc": {"env": {"HUBBUB_PG__URL": "postgres://x"}}}}, "comes from a Secret"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_cannot_work_is_refused_with_the_reason(layer, why):
    with pytest.raises(Exception, match=why):
        chart.render(layer)


def test_images_follow_registry_tag_and_digest():
    image = lambda *layers: chart.render(*layers).pods()["hubbub-room-svc"]["containers"][0]["image"]
    version = chart.CHART.metadata["appVersion"]
    assert image() == f"ghcr.io/hubbub-chat/room-svc:{version}"
    assert image({"image": {"tag": "2.0"}}) == "ghcr.io/hubbub-chat/room-svc:2.0"
    mirrored = image({"global": {"imageRegistry": "mirror.example"}, "image": {"repository": "chat"}})
    assert mirrored == f"mirror.example/chat/room-svc:{version}"
    digest = "sha256:" + "a" * 64
    pinned = image({"image": {"tag": "2.0"}, "services": {"room-svc": {"image": {"digest": digest}}}})
    assert pinned == f"ghcr.io/hubbub-chat/room-svc@{digest}"


def test_the_notes_warn_of_what_is_only_for_evaluation():
    notes = lambda *layers: chart.texts(chart.merged(chart.PLAIN, *layers))["hubbub/templates/NOTES.txt"]
    assert notes().count("FOR EVALUATION") == 3
    assert "asks for no keys" in notes() and "in clear" not in notes()
    assert notes({"certificates": {"mode": "none"}}).count("speaks in clear") == 3
    production = chart.merged(KEYS_ASKED, chart.values("values-production.yaml"))
    assert "EVALUATION" not in notes(production) and "NOT SAFE" not in notes(production)
    assert "https://chat.example.org" in notes(production)


def test_the_chart_is_of_the_version_of_the_product():
    import tomllib

    workspace = tomllib.loads((chart.ROOT / "Cargo.toml").read_text())["workspace"]["package"]
    about = chart.CHART.metadata
    assert about["appVersion"] == workspace["version"]
    images = yaml.safe_load(about["annotations"]["artifacthub.io/images"])
    wanted = {name: f"ghcr.io/hubbub-chat/{name}:{about['appVersion']}" for name in chart.SERVICES}
    assert {entry["name"]: entry["image"] for entry in images} == wanted
    assert about["annotations"]["artifacthub.io/license"] == workspace["license"]
    production = yaml.safe_load((chart.ROOT / "k8s/overlays/production/kustomization.yaml").read_text())
    assert {entry["newTag"] for entry in production["images"]} == {about["appVersion"]}


def test_the_bundled_postgres_lets_in_every_pod():
    layer = {
        "defaults": {"autoscaling": {"maxReplicas": 6}},
        "services": {"room-svc": {"autoscaling": {"maxReplicas": 14}}},
    }
    objects = chart.render(layer, {"postgres": {"maxConnections": 20}})
    most = {item["metadata"]["name"][7:]: item["spec"]["maxReplicas"] for item in objects.of("HorizontalPodAutoscaler")}
    needed = sum(most[name] for name in chart.WITH_DATABASE) * 20
    assert needed == (3 * 6 + 14) * 20
    _, argument, *_ = objects.pods()["hubbub-postgres"]["containers"][0]["args"]
    assert int(argument.removeprefix("max_connections=")) == needed * 5 // 4 + 20
    notes = chart.texts(chart.merged(KEYS_ASKED, chart.values("values-production.yaml")))["hubbub/templates/NOTES.txt"]
    assert f"must let in {12 * 4 * 16 * 5 // 4 + 20} connections" in notes
