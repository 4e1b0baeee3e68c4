"""The bus of the chart, of compose and of the official NATS chart: one table, tried out on a real server."""

import asyncio
import contextlib
import json
import re
import socket
import ssl
import subprocess
import sys

import bus_table
import bundled
import chart
import nats
import nats.errors
import pytest
import yaml

ROOT = chart.ROOT


def of_chart(keyed: dict) -> chart.Objects:
    return chart.render({"nats": {"keys": {"enabled": True}}}, keyed)


def test_chart_compose_and_the_official_chart_say_the_same(keys, keyed):
    public = keyed["nats"]["keys"]["public"]
    wanted = bus_table.server_configuration(bus_table.table(), public)
    sort = lambda text: sorted(json.loads(text)["accounts"]["APP"]["users"], key=lambda user: user["nkey"])
    made = of_chart(keyed).get("ConfigMap", "hubbub-nats")["data"]["nats.conf"]
    assert sort(made) == sort(json.dumps(wanted))
    # The official chart has its own values for certificates.
    rest = {key: value for key, value in json.loads(made).items() if key not in ("accounts", "tls")}
    assert rest == {key: value for key, value in wanted.items() if key != "accounts"}
    official = json.loads((keys / "nats-values.json").read_text())["config"]
    assert official["merge"] == wanted
    assert official["cluster"]["routeURLs"]["password"] == (keys / "route.password").read_text().strip()


def test_keys_are_kept_and_closed(keys):
    before = {file.name: file.read_text() for file in (keys / "seeds").iterdir()}
    assert sorted(before) == [f"{name}.seed" for name in chart.SERVICES]
    command = [sys.executable, str(ROOT / "deploy/keys.py"), "--helm", str(keys)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    assert {file.name: file.read_text() for file in (keys / "seeds").iterdir()} == before
    secret = [*(keys / "seeds").iterdir(), keys / "route.password", keys / "nats-values.json"]
    assert {oct(file.stat().st_mode & 0o777) for file in secret} == {"0o600"}
    assert "SU" not in re.sub(r'"U[A-Z2-7]{55}"', "", (keys / "values.json").read_text())


@pytest.fixture(scope="module")
def server(keyed, tmp_path_factory):
    """A real server with the chart's own configuration: its address, and who vouches for it."""
    folder, objects = tmp_path_factory.mktemp("nats"), of_chart(keyed)
    bundled.lay_certificates(folder, objects)
    with bundled.bus(folder, objects) as port:
        yield f"tls://localhost:{port}", ssl.create_default_context(cafile=folder / "authorities/bundled-nats.pem")


def seed(keys, name: str) -> str:
    return (keys / "seeds" / f"{name}.seed").read_text().strip()


async def connect(server, keys, name: str):
    """Connects as a service does, and collects what the bus refuses."""
    refused = []

    async def note(error):
        refused.append(str(error))

    prefix = f"_INBOX_{name.replace('-', '_')}".encode()
    options = {"nkeys_seed_str": seed(keys, name), "inbox_prefix": prefix, "allow_reconnect": False}
    address, trust = server
    return await nats.connect(address, tls=trust, error_cb=note, connect_timeout=5, **options), refused


async def told(refused: list, number: int) -> None:
    """Waits until the server has refused so much; it says so in its own time."""
    async with asyncio.timeout(10):
        while len(refused) < number:
            await asyncio.sleep(0.01)


async def answered(connection, subject: str) -> bytes:
    """What somebody says at last: the client may ask for a pong before it has sent what it subscribes to."""
    async with asyncio.timeout(10):
        while True:
            with contextlib.suppress(nats.errors.NoRespondersError):
                return (await connection.request(subject, b"may I?", timeout=5)).data
            await asyncio.sleep(0.01)


def test_services_reach_each_other_and_nothing_else(server, keys):
    async def story():
        room, _ = await connect(server, keys, "room-svc")
        gateway, refused = await connect(server, keys, "gateway")
        service = "hubbub.room.v1.RoomService"

        async def answer(request):
            await request.respond(b"yes")

        await room.subscribe(f"rpc.{service}.*", queue=service, cb=answer)
        assert await answered(gateway, f"rpc.{service}.SendMessage") == b"yes" and not refused
        for subject in [f"rpc.{service}.EraseUser", "evt.7", "_INBOX_room_svc.x"]:
            await gateway.publish(subject, b"let me")
        await gateway.subscribe("_INBOX_room_svc.>")
        await told(refused, 4)
        assert len(refused) == 4 and all("ermissions" in text for text in refused), refused
        for connection in (room, gateway):
            await connection.close()

    asyncio.run(story())


def test_nobody_comes_in_without_a_key(server):
    async def story():
        address, trust = server
        with pytest.raises(Exception, match="(?i)authorization|nkey"):
            await nats.connect(address, tls=trust, allow_reconnect=False, connect_timeout=5)

    asyncio.run(story())


def test_nothing_is_said_in_clear(server, keys):
    """A server greets before TLS begins; whoever goes on without it is put out."""
    port = int(server[0].rsplit(":", 1)[1])
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection, connection.makefile("rwb") as talk:
        greeting = json.loads(talk.readline().removeprefix(b"INFO "))
        assert greeting["tls_required"] is True
        talk.write(b'CONNECT {"verbose":false}\r\nPING\r\n')
        talk.flush()
        with contextlib.suppress(ConnectionResetError):
            assert b"PONG" not in talk.read()


def test_what_an_operator_is_told_to_type_names_what_was_made(keys):
    command = [sys.executable, str(ROOT / "deploy/keys.py"), "--helm", str(keys), "--nats", str(keys)]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    assert f"--from-file={keys}/seeds" in told
    for path in re.findall(r"--values (\S+\.json)", told):
        assert yaml.safe_load(open(path))


def test_the_official_chart_is_given_the_certificate_for_clients_and_for_routes(tmp_path):
    command = [sys.executable, ROOT / "deploy/keys.py", "--nats", tmp_path, "--bus-tls", tmp_path, "*.nats-headless.nats.svc"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    values = json.loads((tmp_path / "nats-values.json").read_text())
    assert values["tlsCA"]["secretName"] == "bus-tls"
    client, routes = values["config"]["nats"]["tls"], values["config"]["cluster"]["tls"]
    assert client["enabled"] and client["secretName"] == "bus-tls" and "verify" not in client["merge"]
    assert routes["enabled"] and routes["merge"]["verify"] is True
    assert sorted(file.name for file in (tmp_path / "bus-tls").iterdir()) == ["ca.crt", "tls.crt", "tls.key"]
    # Whoever is asked for in production is named in the certificate.
    (tmp_path / "leaf").write_text((tmp_path / "bus-tls/tls.crt").read_text())
    for address in chart.values("values-production.yaml")["nats"]["external"]["url"].split(","):
        host = re.fullmatch(r"tls://(.+):4222", address)[1]
        verify = ["openssl", "verify", "-CAfile", "bus-ca.pem", "-verify_hostname", host, "leaf"]
        assert subprocess.run(verify, cwd=tmp_path, capture_output=True).returncode == 0
