"""The bundled stores as the chart configures them, on this machine: its arguments, its files, its certificates."""

import base64
import contextlib
import os
import shutil
from pathlib import Path

import chart
import programs

REDIS = os.environ.get("HUBBUB_REDIS_SERVER") or shutil.which("valkey-server") or shutil.which("redis-server")
AUTHORITIES = "/run/secrets/authorities"


def lay_certificates(folder: Path, objects: chart.Objects):
    """Writes what pods have mounted: each store's certificate and key, and the authorities that processes believe."""
    (folder / "authorities").mkdir()
    for item in objects.of("Secret"):
        store = item["metadata"]["labels"]["app.kubernetes.io/component"]
        if not item["metadata"]["name"].endswith("-tls"):
            continue
        (folder / f"{store}-tls").mkdir()
        for key in ("tls.crt", "tls.key"):
            file = folder / f"{store}-tls" / key
            file.write_bytes(base64.b64decode(item["data"][key]))
            file.chmod(0o600)
        authority = folder / "authorities" / f"bundled-{store}.pem"
        authority.write_bytes(base64.b64decode(item["data"]["ca.crt"]))


@contextlib.contextmanager
def redis(folder: Path, objects: chart.Objects):
    """Valkey or Redis; gives its port."""
    (folder / "users.acl").write_text(objects.get("Secret", "hubbub-redis")["stringData"]["users.acl"])
    port = programs.free_port()
    places = {"/run/secrets/redis": str(folder), "/run/secrets/tls": str(folder / "redis-tls"), "6379": str(port)}
    arguments = objects.pods()["hubbub-redis"]["containers"][0]["args"]
    for old, new in places.items():
        arguments = [argument.replace(old, new) for argument in arguments]
    in_clear = [] if "--tls-port" in arguments else ["--port", port]
    command = [REDIS, *in_clear, "--bind", "127.0.0.1", "--dir", folder, *arguments]
    with programs.running("redis", folder, command, lambda: programs.listens(port)):
        yield port


def bus(folder: Path, objects: chart.Objects):
    """NATS; gives its port."""
    configuration = objects.get("ConfigMap", "hubbub-nats")["data"]["nats.conf"]
    return programs.nats_server(folder, configuration.replace("/run/secrets/tls", str(folder / "nats-tls")))


def postgres(folder: Path, objects: chart.Objects) -> programs.Postgres:
    """Postgres, prepared as its image does it: in clear for those who are inside, and not open to anybody else."""
    server = programs.Postgres(folder)
    arguments = objects.pods()["hubbub-postgres"]["containers"][0]["args"]
    own = server.folder / "tls"
    if (folder / "postgres-tls").exists():
        shutil.copytree(folder / "postgres-tls", own)
        server.own(own, *own.iterdir())
    entrance = objects.get("ConfigMap", "hubbub-postgres")["data"].get("pg_hba.conf")
    if entrance:
        (server.folder / "pg_hba.conf").write_text(entrance)
    places = {"/run/secrets/tls": str(own), "/etc/postgres": str(server.folder)}
    for old, new in places.items():
        arguments = [argument.replace(old, new) for argument in arguments]
    server.start(*arguments)
    return server


def passwords(objects: chart.Objects) -> dict[str, str]:
    """What the bundled Postgres is told of the roles' passwords."""
    made = objects.get("Secret", "hubbub-postgres")["stringData"]
    return {
        f"PASSWORD_{key.removesuffix('-password').upper().replace('-', '_')}": value
        for key, value in made.items()
        if key.endswith("-password") and not key.startswith("superuser")
    }
