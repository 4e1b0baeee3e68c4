"""The bundled Redis with the chart's own configuration: what the services' user may do there."""

import contextlib
import re
import socket
import ssl

import bundled
import chart
import pytest

pytestmark = pytest.mark.skipif(bundled.REDIS is None, reason="Redis is the Debian package redis-server")


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """A server that was started as the chart starts it: its port, the password of its user, and who vouches for it."""
    folder, objects = tmp_path_factory.mktemp("redis"), chart.render()
    bundled.lay_certificates(folder, objects)
    users = objects.get("Secret", "hubbub-redis")["stringData"]["users.acl"]
    with bundled.redis(folder, objects) as port:
        trust = ssl.create_default_context(cafile=folder / "authorities/bundled-redis.pem")
        yield port, re.search(r">(\w+)", users)[1], trust


def ask(server, *lines: str) -> list[str]:
    """What the server says to each line, over TLS."""
    port, _, trust = server
    with socket.create_connection(("127.0.0.1", port), timeout=10) as plain:
        with trust.wrap_socket(plain, server_hostname="localhost") as connection, connection.makefile("rw") as talk:
            said = []
            for line in lines:
                talk.write(line + "\r\n")
                talk.flush()
                said.append(talk.readline().strip())
            return said


@pytest.mark.parametrize("line", ["CONFIG GET *", "ACL LIST", "FLUSHALL", "SHUTDOWN", "MODULE LIST", "SAVE", "KEYS *"])
def test_the_services_user_cannot_administer(server, line):
    _, password, _ = server
    welcome, refusal = ask(server, f"AUTH hubbub {password}", line)
    assert welcome == "+OK" and refusal.startswith("-NOPERM"), refusal


def test_it_may_do_what_services_do(server):
    _, password, _ = server
    assert ask(server, f"AUTH hubbub {password}", "SET a 1 EX 5", "EVAL 'return 1' 0") == ["+OK", "+OK", ":1"]


def test_nobody_else_comes_in(server):
    assert ask(server, "SET a 1")[0].startswith("-NOAUTH")
    assert ask(server, "AUTH hubbub guessed")[0].startswith("-WRONGPASS")


def test_nothing_is_said_in_clear(server):
    port, password, _ = server
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(f"AUTH hubbub {password}\r\n".encode())
        with contextlib.suppress(ConnectionResetError):
            assert b"+OK" not in connection.recv(100)
