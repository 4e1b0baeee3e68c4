"""Two people on two gateways hold a conversation; then one leaves, comes back and is told what was missed.

    pip install websockets
    python docs/quickstart.py http://localhost:3001 http://localhost:3002

`cargo dev` prints the two addresses. The protocol is small enough to read here whole.
"""

import asyncio
import json
import secrets
import sys
import urllib.request
import uuid

import websockets


def post(url: str, body: dict) -> dict:
    """One REST call."""
    request = urllib.request.Request(url, json.dumps(body).encode(), {"content-type": "application/json"})
    with urllib.request.urlopen(request) as response:
        return json.load(response)


class Person:
    """Somebody with an account and, at times, a socket."""

    def __init__(self, gateway: str, name: str):
        self.gateway, self.name = gateway, name
        self.cursors = {}  # stream -> [seq, cursor]: all that is needed to come back
        self.unread = []  # frames that arrived while we waited for others
        self.requests = 0
        self.session = None  # an id, not a secret: welcome tells it
        # In an application the password comes from a person.
        self.account = post(f"{gateway}/signup", {"username": name, "password": secrets.token_urlsafe(16)})

    async def connect(self, gateway: str | None = None) -> dict:
        """Opens a socket on any gateway and says hello; with cursors it resumes."""
        url = (gateway or self.gateway).replace("http", "ws", 1) + "/v1/rt"
        self.socket = await websockets.connect(url, subprotocols=["hubbub.v1.json"])
        hello = {"token": self.account["token"]}
        if self.cursors:
            hello["resume"] = {"session": self.session, "cursors": self.cursors}
        await self.socket.send(json.dumps({"type": "hello", "data": hello}))
        welcome = await self.expect("welcome")
        self.session = welcome["data"]["session"]
        return welcome

    async def request(self, kind: str, data: dict) -> dict:
        """Sends a request and waits for its answer. The key makes a repeat harmless."""
        self.requests += 1
        frame = {"type": kind, "id": str(self.requests), "key": str(uuid.uuid4()), "data": data}
        await self.socket.send(json.dumps(frame))
        answer = await self.frame(lambda it: it.get("id") == frame["id"])
        if answer["type"] == "error":
            raise RuntimeError(f"{kind}: {answer['error']}")
        return answer["data"]

    async def expect(self, kind: str) -> dict:
        """Waits for an event."""
        return await self.frame(lambda it: it["type"] == kind)

    async def frame(self, is_wanted) -> dict:
        """Returns the first frame that is wanted and keeps the others for later."""
        for index, frame in enumerate(self.unread):
            if is_wanted(frame):
                return self.unread.pop(index)
        while True:
            frame = json.loads(await asyncio.wait_for(self.socket.recv(), timeout=10))
            if frame["type"] == "ping":
                await self.socket.send(json.dumps({"type": "pong", "n": frame["n"]}))
            if "seq" in frame and "cursor" in frame:
                self.cursors[frame.get("room") or frame["stream"]] = [frame["seq"], frame["cursor"]]
            if is_wanted(frame):
                return frame
            self.unread.append(frame)


async def main(first: str, second: str) -> None:
    mark = secrets.token_hex(3)
    ada, bob = Person(first, f"ada_{mark}"), Person(second, f"bob_{mark}")
    await ada.connect()
    await bob.connect()

    room = (await ada.request("room.create", {"name": f"quick-{mark}"}))["room"]["id"]
    joined = await bob.request("room.join", {"room": room})
    print(f"bob joined at seq {joined['head']}")

    for person, body in [(ada, "hello, bob"), (bob, "hello, ada"), (ada, "how are you?")]:
        answer = await person.request("message.send", {"room": room, "body": body})
        for reader in (ada, bob):
            event = await reader.expect("message.new")
            assert event["seq"] == answer["seq"], (event, answer)
            print(f"  {reader.name} sees seq {event['seq']}: {event['data']['author']['name']}: {event['data']['body']}")

    await bob.socket.close()
    missed = await ada.request("message.send", {"room": room, "body": "are you there?"})
    welcome = await bob.connect(first)  # on the other gateway
    event = await bob.expect("message.new")
    assert (event["seq"], event["replayed"]) == (missed["seq"], True), event
    print(f"bob came back on the other gateway (resumed: {welcome['data']['resumed']}) and missed nothing: "
          f"seq {event['seq']}: {event['data']['body']}")
    await ada.socket.close()
    await bob.socket.close()


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    asyncio.run(main(sys.argv[1].rstrip("/"), sys.argv[2].rstrip("/")))
