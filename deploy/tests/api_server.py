"""Stands in for an API server: keeps what it is given and gives it back. It judges nothing and starts nothing; that is what
schemas are for elsewhere. Real enough for Helm to install, to look things up, and to upgrade."""

import base64
import contextlib
import http.server
import json
import threading

import yaml

RESOURCES = {
    "v1": {"ConfigMap", "Namespace", "Pod", "Secret", "Service", "ServiceAccount"},
    "apps/v1": {"Deployment", "StatefulSet"},
    "autoscaling/v2": {"HorizontalPodAutoscaler"},
    "batch/v1": {"Job"},
    "networking.k8s.io/v1": {"Ingress", "NetworkPolicy"},
    "policy/v1": {"PodDisruptionBudget"},
}


# What Helm writes about its releases comes in this form; everything else is JSON or YAML.
PROTOBUF = b"k8s\0"


def fields(body: bytes) -> list[tuple[int, bytes]]:
    """The fields of a message that have a length, by number; numbers are left out."""
    found, place = [], 0

    def number() -> int:
        nonlocal place
        value, shift = 0, 0
        while True:
            byte, place = body[place], place + 1
            value, shift = value | (byte & 127) << shift, shift + 7
            if byte < 128:
                return value

    while place < len(body):
        tag = number()
        size = number()
        if tag & 7 == 2:
            found.append((tag >> 3, body[place : place + size]))
            place += size
    return found


def secret_of(body: bytes) -> dict:
    """A Secret with what Helm looks at: name, labels, type and data."""
    raw = dict(fields(body.removeprefix(PROTOBUF)))[2]
    pairs = lambda entries: [dict(fields(entry)) for entry in entries]
    content = fields(raw)
    about = fields(next(value for key, value in content if key == 1))
    labels = pairs(value for key, value in about if key == 11)
    data = pairs(value for key, value in content if key == 2)
    metadata = {
        "name": dict(about)[1].decode(),
        "labels": {pair[1].decode(): pair[2].decode() for pair in labels},
    }
    kept = {pair[1].decode(): base64.b64encode(pair[2]).decode() for pair in data}
    return {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "type": dict(content)[3].decode(), "data": kept}


def plural(kind: str) -> str:
    name = kind.lower()
    return {"networkpolicy": "networkpolicies", "ingress": "ingresses"}.get(name, f"{name}s")


def discovery(path: str) -> dict | None:
    """What is asked before anything else: which kinds there are."""
    if path == "/version":
        return {"major": "1", "minor": "34", "gitVersion": "v1.34.0"}
    if path == "/api":
        return {"kind": "APIVersions", "versions": ["v1"]}
    if path == "/apis":
        versions = [name for name in RESOURCES if "/" in name]
        entry = lambda version: {"groupVersion": version, "version": version.split("/")[1]}
        groups = [{"name": name.split("/")[0], "versions": [entry(name)], "preferredVersion": entry(name)} for name in versions]
        return {"kind": "APIGroupList", "apiVersion": "v1", "groups": groups}
    version = path.removeprefix("/apis/").removeprefix("/api/")
    if version not in RESOURCES:
        return None
    verbs = ["create", "delete", "get", "list", "patch", "update"]
    about = lambda kind: {"name": plural(kind), "kind": kind, "namespaced": kind != "Namespace", "verbs": verbs}
    return {"kind": "APIResourceList", "groupVersion": version, "resources": [about(kind) for kind in RESOURCES[version]]}


class Answers(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # One packet for an answer: two wait for each other.
    wbufsize = 65536

    def do_GET(self):
        path = self.path.split("?")[0]
        found = discovery(path) or self.server.objects.get(path)
        if found is None and path.rsplit("/", 1)[1] in {plural(kind) for kinds in RESOURCES.values() for kind in kinds}:
            inside = [item for name, item in self.server.objects.items() if name.startswith(f"{path}/")]
            found = {"kind": "List", "apiVersion": "v1", "metadata": {}, "items": self.chosen(inside)}
        self.reply(200 if found else 404, found or missing(path))

    def chosen(self, items: list[dict]) -> list[dict]:
        """Helm finds its releases by labels."""
        wanted = dict(pair.split("%3D") for pair in self.path.partition("labelSelector=")[2].split("&")[0].split("%2C") if pair)
        return [item for item in items if wanted.items() <= item["metadata"].get("labels", {}).items()]

    def do_POST(self):
        item = self.said()
        self.keep(f"{self.path.split('?')[0]}/{item['metadata']['name']}", item, 201)

    def do_PUT(self):
        self.keep(self.path.split("?")[0], self.said(), 200)

    do_PATCH = do_PUT

    def do_DELETE(self):
        found = self.server.objects.pop(self.path.split("?")[0], None)
        self.reply(200 if found else 404, found or missing(self.path))

    def said(self) -> dict:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if body.startswith(PROTOBUF):
            return secret_of(body)
        return yaml.load(body, Loader=yaml.CSafeLoader)

    def keep(self, path: str, item: dict, code: int):
        for key, value in (item.pop("stringData", None) or {}).items():
            item.setdefault("data", {})[key] = base64.b64encode(value.encode()).decode()
        if "dryRun" not in self.path:
            self.server.objects[path] = item
        self.reply(code, item)

    def reply(self, code: int, content: dict):
        body = json.dumps(content).encode()
        self.send_response(code)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def missing(path: str) -> dict:
    return {"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": "NotFound", "code": 404, "message": path}


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Answers)
        self.objects: dict[str, dict] = {}

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


@contextlib.contextmanager
def running():
    server = Server()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
