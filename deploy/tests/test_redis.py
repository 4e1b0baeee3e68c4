"""The bundled Redis with the chart's own configuration: what the services' user may do there."""

import re
import shutil
import socket

import chart
import programs
import pytest

REDIS = shutil.which("valkey-server") or shutil.which("redis-server")
pytestmark = pytest.mark.skipif(REDIS is None, reason="Redis is the Debian package redis-server")


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """The port of a server that was started as the chart starts it, and the password of its user."""
    folder, objects = tmp_path_factory.mktemp("redis"), chart.render()
    users = objects.get("Secret", "hubbub-redis")["stringData"]["users.acl"]
    (folder / "users.acl").write_text(users)
    arguments = objects.pods()["hubbub-redis"]["containers"][0]["args"]
    arguments = [argument.replace("/run/secrets/redis", str(folder)) for argument in arguments]
    port = programs.free_port()
    command = [REDIS, "--port", port, "--bind", "127.0.0.1", "--dir", folder, *arguments]
    with programs.running("redis", folder, command, lambda: programs.listens(port)):
        yield port, re.search(r">(\w+)", users)[1]


def ask(port: int, *lines: str) -> list[str]:
    """What the server says to each line."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection, connection.makefile("rw") as talk:
        said = []
        for line in lines:
            talk.write(line + "\r\n")
            talk.flush()
            said.append(talk.readline().strip())
        return said


@pytest.mark.parametrize("line", ["CONFIG GET *", "ACL LIST", "FLUSHALL", "SHUTDOWN", "MODULE LIST", "SAVE", "KEYS *"])
def test_the_services_user_cannot_administer(server, line):
    port, password = server
    welcome, refusal = ask(port, f"AUTH hubbub {password}", line)
    assert welcome == "+OK" and refusal.startswith("-NOPERM"), refusal


def test_it_may_do_what_services_do(server):
    port, password = server
    assert ask(port, f"AUTH hubbub {password}", "SET a 1 EX 5", "EVAL 'return 1' 0") == ["+OK", "+OK", ":1"]


def test_nobody_else_comes_in(server):
    port, _ = server
    assert ask(port, "SET a 1")[0].startswith("-NOAUTH")
    assert ask(port, "AUTH hubbub guessed")[0].startswith("-WRONGPASS")
