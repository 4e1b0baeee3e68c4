"""Who may talk to whom. A small model of NetworkPolicies answers for every pair of pods."""

import chart
import pytest

ALL = [*chart.SERVICES, "nats", "postgres", "redis", "test"]


class Cluster:
    """What the policies of a release allow between its pods, and to and from elsewhere."""

    def __init__(self, *layers: dict):
        self.objects = chart.render(*layers)
        self.policies = [item["spec"] for item in self.objects.of("NetworkPolicy")]

    @staticmethod
    def labels(component: str) -> dict:
        name = {"name": "hubbub", "instance": "hubbub", "component": component}
        return {f"app.kubernetes.io/{key}": value for key, value in name.items()}

    def rules(self, component: str, way: str):
        """The rules of a pod in one way, or None if no policy concerns it."""
        chosen = [
            policy
            for policy in self.policies
            if policy["podSelector"]["matchLabels"].items() <= self.labels(component).items()
            and way.capitalize() in policy["policyTypes"]
        ]
        return [rule for policy in chosen for rule in policy.get(way, [])] if chosen else None

    def port(self, component: str, name):
        """The number of a named port of a component."""
        if isinstance(name, int):
            return name
        spec = self.objects.pods()[f"hubbub-{component}"]
        ports = {port["name"]: port["containerPort"] for port in spec["containers"][0].get("ports", [])}
        return ports.get(name)

    def passes(self, rules, key: str, peer: str | None, target: str, port: int) -> bool:
        """Whether a rule lets a peer pass to a port of the target; no peer is somebody from elsewhere."""
        if rules is None:
            return True
        for rule in rules:
            numbers = {self.port(target, entry["port"]) for entry in rule.get("ports", [])}
            if rule.get("ports") and port not in numbers:
                continue
            if key not in rule:
                return True
            for entry in rule[key]:
                selector = entry.get("podSelector", {}).get("matchLabels")
                if (
                    peer
                    and selector
                    and "namespaceSelector" not in entry
                    and selector.items() <= self.labels(peer).items()
                ):
                    return True
        return False

    def reaches(self, source: str, target: str, port: int) -> bool:
        out = self.passes(self.rules(source, "egress"), "to", target, target, port)
        return out and self.passes(self.rules(target, "ingress"), "from", source, target, port)

    def is_open(self, target: str, port: int) -> bool:
        """Whether anybody from anywhere comes in."""
        return self.passes(self.rules(target, "ingress"), "from", None, target, port)


def wanted() -> set[tuple[str, str, int]]:
    pairs = {(name, "nats", 4222) for name in chart.SERVICES}
    pairs |= {(name, "postgres", 5432) for name in chart.WITH_DATABASE}
    pairs |= {(name, "redis", 6379) for name in chart.WITH_REDIS}
    return pairs | {("test", "gateway", 8080)}


def test_inside_the_release_everybody_reaches_what_they_need_and_nothing_else():
    cluster = Cluster()
    ports = {"nats": [4222], "postgres": [5432], "redis": [6379], "gateway": [8080, 9090], "test": []}
    reached = {
        (source, target, port)
        for source in ALL
        for target in ALL
        for port in ports.get(target, [50051, 9090])
        if source != target and cluster.reaches(source, target, port)
    }
    assert reached == wanted()


def test_each_end_alone_is_as_narrow():
    """A way that one end closes is no reason for the other to leave it open."""
    cluster = Cluster()
    ports = {"nats": 4222, "postgres": 5432, "redis": 6379}
    for target, port in ports.items():
        users = {source for source, to, _ in wanted() if to == target}
        rules = cluster.rules(target, "ingress")
        assert {name for name in ALL if cluster.passes(rules, "from", name, target, port)} == users
        out = {name for name in ALL if cluster.passes(cluster.rules(name, "egress"), "to", target, target, port)}
        assert out == users


def test_from_elsewhere_only_the_client_port_is_open():
    cluster = Cluster()
    ports = {"nats": [4222], "postgres": [5432], "redis": [6379], "gateway": [8080, 9090]}
    opened = {
        (target, port) for target in ALL for port in ports.get(target, [50051, 9090]) if cluster.is_open(target, port)
    }
    assert opened == {("gateway", 8080)}


def test_clients_can_be_kept_to_the_load_balancers():
    layer = {"networkPolicy": {"clientsFrom": [{"ipBlock": {"cidr": "10.9.0.0/16"}}]}}
    cluster = Cluster(layer)
    assert not cluster.is_open("gateway", 8080)
    assert cluster.reaches("test", "gateway", 8080), "helm test goes in by itself"


def test_the_model_sees_a_missing_policy():
    cluster = Cluster({"networkPolicy": {"enabled": False}})
    assert cluster.is_open("postgres", 5432) and cluster.reaches("gateway", "postgres", 5432)


@pytest.mark.parametrize("name", ALL)
def test_every_pod_is_denied_first(name):
    cluster = Cluster()
    deny = next(policy for policy in cluster.policies if "ingress" not in policy and "egress" not in policy)
    assert sorted(deny["policyTypes"]) == ["Egress", "Ingress"]
    assert deny["podSelector"]["matchLabels"].items() <= cluster.labels(name).items()


def test_stores_of_one_s_own_are_reached_at_their_ports_and_where_they_are():
    peers = [{"ipBlock": {"cidr": "10.1.0.0/16"}}]
    external = {
        "nats": {"mode": "external", "external": {"url": "nats://n:4333", "port": 4333}},
        "postgres": {"mode": "external", "existingSecret": "pg", "external": {"port": 6432}},
        "redis": {"mode": "external", "existingSecret": "r", "external": {"port": 6380}},
        "networkPolicy": {"storesTo": peers},
        "telemetry": {"otlpEndpoint": "http://collector:4555"},
    }
    objects = chart.render(external)
    assert not {"hubbub-nats", "hubbub-postgres", "hubbub-redis"} & set(objects.names("NetworkPolicy"))
    egress = lambda name: objects.get("NetworkPolicy", f"hubbub-{name}")["spec"]["egress"]
    ports = lambda name: [rule["ports"][0]["port"] for rule in egress(name)]
    assert ports("gateway") == [4333, 4555]
    assert ports("room-svc") == [4333, 6432, 4555]
    assert ports("auth-svc") == [4333, 6432, 6380, 4555]
    assert [rule.get("to") for rule in egress("room-svc")] == [peers, peers, None]


def test_the_job_that_migrates_reaches_postgres_before_anything_else_is_there():
    objects = chart.render(
        {
            "postgres": {"mode": "external", "existingSecret": "pg"},
            "migrations": {"mode": "hook"},
            "auth": {"existingSecret": "auth"},
        }
    )
    policy, job = objects.get("NetworkPolicy", "hubbub-migrations"), objects.get("Job", "hubbub-migrations")
    weight = lambda item: int(item["metadata"]["annotations"].get("helm.sh/hook-weight", 0))
    assert weight(policy) < weight(job)
    selector = policy["spec"]["podSelector"]["matchLabels"]
    assert selector.items() <= job["spec"]["template"]["metadata"]["labels"].items()
    assert [entry["port"] for rule in policy["spec"]["egress"] for entry in rule["ports"]] == [5432, 53, 53]
