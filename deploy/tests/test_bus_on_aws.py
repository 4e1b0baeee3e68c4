"""The bus that Terraform makes: its machines' own script puts configuration and certificate together, and real servers run
with the result."""

import asyncio
import contextlib
import json
import os
import re
import shutil
import socket
import ssl
import subprocess
import sys
import sysconfig
import urllib.request
from pathlib import Path

import pytest

pytest.importorskip("nats", reason="needs requirements.txt, too")
import bus_table  # noqa: E402
import chart  # noqa: E402
import nats  # noqa: E402
import programs  # noqa: E402
import test_bus  # noqa: E402

MODULE = chart.ROOT / "terraform/modules/bus"
SERVER = Path(sysconfig.get_path("scripts")) / "nats-server"
pytestmark = pytest.mark.skipif(shutil.which("jq") is None, reason="needs jq, as the machines do")

STAND_IN = """#!/bin/sh
case "$(basename "$0") $1 $2" in
  "aws s3 cp") cp "$PLACE/table.json" "$5" ;;
  "aws secretsmanager get-secret-value") cat "$PLACE/$4" ;;
  "systemctl "*) echo "$@" >>"$PLACE/told" ;;
esac
"""


def tls_of_source() -> tuple[dict, dict]:
    """What configuration.tf says of TLS, for clients and between servers."""
    blocks = re.findall(r"tls\s+= \{ (.+) \}", (MODULE / "configuration.tf").read_text())
    client, routes = (
        {key: json.loads(value) for key, value in re.findall(r"(\w+)\s+= (\"[^\"]*\"|\w+)", block)} for block in blocks
    )
    return client, routes


def certificate(folder: Path, *names: str) -> dict:
    """Makes it as an operator does."""
    command = [sys.executable, chart.ROOT / "deploy/keys.py", "--bus-tls", folder, *names]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return json.loads((folder / "bus-tls.json").read_text())


class Machine:
    """A machine of the bus, with folders in place of its own."""

    def __init__(self, place: Path, table: dict, tls: dict):
        self.place, self.etc = place, place / "etc"
        for folder in (self.etc, place / "bin"):
            folder.mkdir(parents=True)
        for name in ("aws", "systemctl"):
            (place / "bin" / name).write_text(STAND_IN)
            (place / "bin" / name).chmod(0o755)
        (place / "route").write_text("a-password-between-servers")
        (place / "table.json").write_text(json.dumps(table))
        self.put(tls)

    def put(self, tls: dict):
        (self.place / "tls").write_text(json.dumps(tls))

    def configure(self) -> int:
        """Runs what the timer of the machine runs."""
        text = (MODULE / "boot.sh.tftpl").read_text()
        script = re.search(r"<<'SCRIPT'\n(.*?)\nSCRIPT\n", text, re.DOTALL)[1]
        given = {"bucket": "bucket", "key": "table.json", "route_secret": "route", "tls_secret": "tls"}
        script = re.sub(r"\$\{(\w+)\}", lambda hole: given[hole[1]], script)
        places = {"/etc/nats": str(self.etc), "/usr/local/bin/nats-server": str(SERVER), "install -o nats -g nats": "install"}
        for old, new in places.items():
            assert old in script
            script = script.replace(old, new)
        told = os.environ | {"PATH": f"{self.place}/bin:{os.environ['PATH']}", "PLACE": str(self.place)}
        return subprocess.run(["bash", "-c", script], env=told, capture_output=True).returncode

    def told(self) -> list[str]:
        file = self.place / "told"
        return file.read_text().splitlines() if file.exists() else []


def machines(tmp_path: Path, public: dict) -> tuple[list[Machine], list[dict]]:
    """Two of a cluster, and their ports."""
    tls = certificate(tmp_path / "keys", "localhost")
    client, routes = tls_of_source()
    ports = [{name: programs.free_port() for name in ("client", "route", "monitor")} for _ in range(2)]
    made = []
    for number, own in enumerate(ports):
        etc = tmp_path / f"machine-{number}/etc"
        here = lambda block: {key: str(value).replace("/etc/nats", str(etc)) if "file" in key else value for key, value in block.items()}
        others = [f"localhost:{other['route']}" for other in ports if other is not own]
        cluster = {"name": "hubbub", "listen": f"127.0.0.1:{own['route']}", "no_advertise": True, "tls": here(routes)}
        cluster |= {"authorization": {"user": "route", "password": ""}, "routes": others}
        table = bus_table.server_configuration(bus_table.table(), public)
        table |= {"server_name": f"server-{number}", "listen": f"127.0.0.1:{own['client']}", "tls": here(client)}
        table |= {"http": f"127.0.0.1:{own['monitor']}", "cluster": cluster}
        made.append(Machine(tmp_path / f"machine-{number}", table, tls))
    return made, ports


def routes(ports: dict) -> int:
    with urllib.request.urlopen(f"http://127.0.0.1:{ports['monitor']}/routez", timeout=5) as answer:
        return json.load(answer)["num_routes"]


def test_servers_speak_tls_alone_and_prove_themselves_to_each_other(tmp_path, keys, keyed):
    both, ports = machines(tmp_path, keyed["nats"]["keys"]["public"])
    assert [machine.configure() for machine in both] == [0, 0]
    trust = ssl.create_default_context(cafile=tmp_path / "keys/bus-ca.pem")
    first, second = (f"tls://localhost:{own['client']}" for own in ports)

    async def story():
        room, _ = await test_bus.connect((first, trust), keys, "room-svc")
        gateway, _ = await test_bus.connect((second, trust), keys, "gateway")
        service = "hubbub.room.v1.RoomService"

        async def answer(request):
            await request.respond(b"yes")

        await room.subscribe(f"rpc.{service}.*", queue=service, cb=answer)
        # The subscription has to reach the other server, over the route.
        assert await test_bus.answered(gateway, f"rpc.{service}.SendMessage") == b"yes"
        with pytest.raises(ssl.SSLCertVerificationError):
            await test_bus.connect((first, ssl.create_default_context()), keys, "gateway")
        for connection in (room, gateway):
            await connection.close()

    with contextlib.ExitStack() as running:
        for machine, own in zip(both, ports):
            command = [SERVER, "-c", machine.etc / "nats.json"]
            running.enter_context(programs.running("nats", machine.place, command, lambda: programs.greets(own["client"])))
        asyncio.run(story())
        assert all(routes(own) >= 1 for own in ports)
        assert greeting(ports[0]["client"])["tls_required"] is True
        # A server that proves nothing is told nothing.
        with socket.create_connection(("127.0.0.1", ports[0]["route"]), timeout=10) as plain:
            plain.sendall(b'CONNECT {"name":"stranger"}\r\nPING\r\n')
            with contextlib.suppress(ConnectionResetError):
                assert b"PONG" not in plain.makefile("rb").read()


def greeting(port: int) -> dict:
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection, connection.makefile("rb") as talk:
        return json.loads(talk.readline().removeprefix(b"INFO "))


def test_a_machine_waits_for_its_certificate_and_takes_a_new_one_in(tmp_path, keyed):
    machine, _ = machines(tmp_path, keyed["nats"]["keys"]["public"])[0]
    good = json.loads((machine.place / "tls").read_text())
    (machine.place / "tls").write_text("")
    assert machine.configure() != 0 and machine.told() == [] and list(machine.etc.iterdir()) == []
    machine.put(good)
    assert [machine.configure(), machine.configure()] == [0, 0]
    assert machine.told() == ["reload-or-restart nats.service"], "once: the second time nothing had changed"
    machine.put(good | {"key": certificate(tmp_path / "strangers", "localhost")["key"]})
    assert machine.configure() != 0 and (machine.etc / "tls.key").read_text().strip() == good["key"].strip()
    (tmp_path / "keys/bus-tls.json").unlink()
    machine.put(certificate(tmp_path / "keys", "localhost"))
    assert machine.configure() == 0 and len(machine.told()) == 2
    assert oct((machine.etc / "tls.key").stat().st_mode & 0o777) == "0o400"


def test_a_certificate_is_kept_while_it_lasts_and_made_anew_by_the_same_authority(tmp_path):
    first = certificate(tmp_path, "*.bus.hubbub-test.internal")
    assert certificate(tmp_path, "*.bus.hubbub-test.internal") == first
    closed = {name: oct((tmp_path / name).stat().st_mode & 0o777) for name in ("bus-ca.key", "bus-tls.json")}
    assert set(closed.values()) == {"0o600"}
    assert "PRIVATE" not in (tmp_path / "bus-ca.pem").read_text()
    (tmp_path / "bus-tls.json").unlink()
    second = certificate(tmp_path, "*.bus.hubbub-test.internal")
    assert second["authority"] == first["authority"] and second["certificate"] != first["certificate"]
    (tmp_path / "leaf").write_text(second["certificate"])
    check = lambda name: subprocess.run(
        ["openssl", "verify", "-CAfile", "bus-ca.pem", "-verify_hostname", name, "leaf"], cwd=tmp_path, capture_output=True
    ).returncode
    assert check("2.bus.hubbub-test.internal") == 0 and check("hubbub-test.internal") != 0


def test_processes_on_aws_believe_that_authority_alone():
    containers = (chart.ROOT / "terraform/modules/runtime/containers.tf").read_text()
    settings = (chart.ROOT / "terraform/modules/runtime/settings.tf").read_text()
    assert re.search(r"HUBBUB_NATS__CA_FILE\s+= local.bus_ca_path", settings)
    assert '"$BUS_CA\\" >${local.bus_ca_path}' in containers and "${local.ca_path} ${local.bus_ca_path}" in containers
    assert '"tls://${local.hosts' in (MODULE / "outputs.tf").read_text()
