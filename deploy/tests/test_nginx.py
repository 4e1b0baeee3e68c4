"""A real nginx with the configuration of compose.yaml, in front of two stand-ins for gateways."""

import base64
import hashlib
import http.client
import http.server
import socket
import threading

import chart
import programs
import pytest

pytestmark = pytest.mark.skipif(programs.NGINX is None, reason="nginx is the Debian package nginx-light")


class StandIn(http.server.BaseHTTPRequestHandler):
    """Tells what it was asked, and answers an upgrade by sending everything back."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.server.asked.append((self.path, dict(self.headers.items())))
        if self.server.is_draining:
            return self.reply(503, b"draining")
        if self.headers.get("Upgrade") == "websocket":
            return self.echo()
        self.reply(200, self.server.name.encode())

    def do_POST(self):
        self.server.asked.append((self.path, dict(self.headers.items())))
        self.rfile.read(int(self.headers["Content-Length"]))
        self.reply(503 if self.server.is_draining else 201, self.server.name.encode())

    def reply(self, status: int, body: bytes):
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def echo(self):
        key = self.headers["Sec-WebSocket-Key"] + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
        self.send_response(101)
        self.send_header("Upgrade", "websocket")
        self.send_header("Connection", "Upgrade")
        self.send_header("Sec-WebSocket-Accept", base64.b64encode(hashlib.sha1(key.encode()).digest()).decode())
        self.end_headers()
        self.wfile.flush()
        while data := self.connection.recv(4096):
            self.connection.sendall(data)
        self.close_connection = True

    def log_message(self, *_):
        pass


class Gateway(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, name: str):
        super().__init__(("127.0.0.1", 0), StandIn)
        self.name, self.asked, self.is_draining = name, [], False
        threading.Thread(target=self.serve_forever, daemon=True).start()


@pytest.fixture
def installation(tmp_path):
    """The port of nginx, and the two behind it."""
    gateways = [Gateway("one"), Gateway("two")]
    try:
        with programs.nginx(tmp_path, [gateway.server_address[1] for gateway in gateways]) as port:
            yield port, gateways
    finally:
        for gateway in gateways:
            gateway.shutdown()
            gateway.server_close()


def ask(port: int, method: str = "GET", path: str = "/rooms", headers: dict | None = None) -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request(method, path, body=b"{}" if method == "POST" else None, headers=headers or {})
    answer = connection.getresponse()
    result = answer.status, answer.read().decode()
    connection.close()
    return result


def test_requests_are_spread_over_both(installation):
    port, _ = installation
    answers = [ask(port) for _ in range(20)]
    counts = [answers.count((200, name)) for name in ("one", "two")]
    assert sum(counts) == 20 and max(counts) <= 1.3 * min(counts)


def test_a_client_cannot_write_its_own_address(installation):
    port, gateways = installation
    ask(port, headers={"X-Forwarded-For": "6.6.6.6", "Host": "chat.example.org", "Origin": "https://chat.example.org"})
    _, told = next(iter(gateways[0].asked + gateways[1].asked))
    assert told["X-Forwarded-For"] == "127.0.0.1"
    assert (told["Host"], told["Origin"]) == ("chat.example.org", "https://chat.example.org")


def test_a_web_socket_passes_both_ways(installation):
    port, gateways = installation
    with socket.create_connection(("127.0.0.1", port), timeout=10) as client:
        head = "GET /v1/rt HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        head += "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        client.sendall((head + "Sec-WebSocket-Protocol: hubbub.v1.json\r\n\r\n").encode())
        answer = client.recv(4096).decode()
        assert answer.startswith("HTTP/1.1 101") and "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" in answer
        for said in (b"\x81\x85abcdefghi", b"x" * 4096):
            client.sendall(said)
            heard = b""
            while len(heard) < len(said):
                heard += client.recv(4096)
            assert heard == said
    asked = gateways[0].asked + gateways[1].asked
    assert asked[0][1]["Sec-WebSocket-Protocol"] == "hubbub.v1.json"


def test_a_gateway_that_drains_costs_nobody_an_answer(installation):
    port, gateways = installation
    gateways[0].is_draining = True
    assert [ask(port) for _ in range(6)] == [(200, "two")] * 6


def test_what_may_have_been_done_is_not_sent_twice(installation):
    port, gateways = installation
    for gateway in gateways:
        gateway.is_draining = True
    assert ask(port, "POST", "/v1/rooms")[0] == 503
    assert len(gateways[0].asked) + len(gateways[1].asked) == 1


def test_a_gateway_that_is_gone_is_left_out(installation):
    port, gateways = installation
    gateways[1].shutdown()
    gateways[1].server_close()
    assert [ask(port) for _ in range(6)] == [(200, "one")] * 6


def test_idle_connections_outlive_two_pings():
    import re
    import tomllib

    text = (chart.ROOT / "deploy/nginx.conf").read_text()
    gateway = tomllib.loads((chart.ROOT / "gateway/default.toml").read_text())["gateway"]
    for name in ("proxy_read_timeout", "proxy_send_timeout"):
        assert int(re.search(rf"{name} (\d+)s;", text)[1]) * 1000 > 2 * gateway["heartbeat_ms"]
