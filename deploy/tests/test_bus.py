"""The bus of the chart, of compose and of the official NATS chart: one table, tried out on a real server."""

import asyncio
import json
import re
import subprocess
import sys

import bus_table
import chart
import nats
import programs
import pytest
import yaml

ROOT = chart.ROOT


def of_chart(keyed: dict) -> str:
    objects = chart.render({"nats": {"keys": {"enabled": True}}}, keyed)
    return objects.get("ConfigMap", "hubbub-nats")["data"]["nats.conf"]


def test_chart_compose_and_the_official_chart_say_the_same(keys, keyed):
    public = keyed["nats"]["keys"]["public"]
    wanted = bus_table.server_configuration(bus_table.table(), public)
    sort = lambda text: sorted(json.loads(text)["accounts"]["APP"]["users"], key=lambda user: user["nkey"])
    assert sort(of_chart(keyed)) == sort(json.dumps(wanted))
    assert json.loads(of_chart(keyed)) | {"accounts": 0} == wanted | {"accounts": 0}
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
    """A real server with the chart's own configuration."""
    with programs.nats_server(tmp_path_factory.mktemp("nats"), of_chart(keyed)) as port:
        yield f"nats://127.0.0.1:{port}"


def seed(keys, name: str) -> str:
    return (keys / "seeds" / f"{name}.seed").read_text().strip()


async def connect(server: str, keys, name: str):
    """Connects as a service does, and collects what the bus refuses."""
    refused = []

    async def note(error):
        refused.append(str(error))

    prefix = f"_INBOX_{name.replace('-', '_')}".encode()
    options = {"nkeys_seed_str": seed(keys, name), "inbox_prefix": prefix, "allow_reconnect": False}
    return await nats.connect(server, error_cb=note, connect_timeout=5, **options), refused


async def told(refused: list, number: int) -> None:
    """Waits until the server has refused so much; it says so in its own time."""
    async with asyncio.timeout(10):
        while len(refused) < number:
            await asyncio.sleep(0.01)


def test_services_reach_each_other_and_nothing_else(server, keys):
    async def story():
        room, _ = await connect(server, keys, "room-svc")
        gateway, refused = await connect(server, keys, "gateway")
        service = "hubbub.room.v1.RoomService"

        async def answer(request):
            await request.respond(b"yes")

        await room.subscribe(f"rpc.{service}.*", queue=service, cb=answer)
        await room.flush()
        said = await gateway.request(f"rpc.{service}.SendMessage", b"may I?", timeout=5)
        assert said.data == b"yes" and not refused
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
        with pytest.raises(Exception, match="(?i)authorization|nkey"):
            await nats.connect(server, allow_reconnect=False, connect_timeout=5)

    asyncio.run(story())


def test_what_an_operator_is_told_to_type_names_what_was_made(keys):
    command = [sys.executable, str(ROOT / "deploy/keys.py"), "--helm", str(keys), "--nats", str(keys)]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    assert f"--from-file={keys}/seeds" in told
    for path in re.findall(r"--values (\S+\.json)", told):
        assert yaml.safe_load(open(path))
