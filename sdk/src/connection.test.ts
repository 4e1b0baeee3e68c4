import { expect, test } from "vitest";

import { Server } from "../test/server.ts";
import { make, refusal, start } from "../test/start.ts";
import { settle, World } from "../test/world.ts";
import type { ConnectionState } from "./types.ts";

test("a ticket, one subprotocol, hello, online", async () => {
  const { world, client } = await start({ device: { platform: "web", app: "test", version: "1" } });
  expect(client.connection.get()).toEqual({ phase: "online" });
  expect(world.socket.url).toBe("ws://hub/v1/rt");
  expect(world.socket.protocols).toEqual(["hubbub.v1.json"]);
  expect(world.socket.sent[0]).toEqual({
    type: "hello",
    data: {
      ticket: "tk",
      visible: true,
      device: { platform: "web", app: "test", version: "1" },
      resume: { cursors: {} },
    },
  });
  expect(client.me.get()).toEqual({ id: expect.any(String), name: "ada", role: "USER" });
  await client.connect();
  expect(world.sockets).toHaveLength(1);
});

test("the phases on the way", async () => {
  const world = new World();
  const server = new Server(world);
  const client = make(world);
  const phases: ConnectionState["phase"][] = [];
  client.connection.subscribe(() => phases.push(client.connection.get().phase));
  expect(client.connection.get().phase).toBe("idle");
  client.connect().catch(() => {});
  await settle();
  server.disconnect(4001);
  await world.advance(1_000);
  client.close();
  expect(phases).toEqual(["connecting", "online", "recovering", "online", "closed"]);
  expect(client.connection.get()).toEqual({ phase: "closed", reason: "closed" });
});

test("full jitter grows to the cap, and is short again after a stable time", async () => {
  const { world, server, client } = await start();
  server.isReachable = false;
  const waits: number[] = [];
  client.connection.subscribe(() => {
    const { retryAt } = client.connection.get();
    if (retryAt) waits.push(retryAt - world.now);
  });
  server.disconnect();
  await world.advance(200_000);
  expect(waits.slice(0, 8)).toEqual([1_500, 500, 1_000, 2_000, 4_000, 8_000, 15_000, 15_000]);
  server.isReachable = true;
  await world.advance(15_000);
  expect(client.connection.get().phase).toBe("online");
  await world.advance(31_000);
  waits.length = 0;
  server.disconnect();
  expect(waits).toEqual([1_500]);
});

test("who comes back says so at the door, once there is something to come back to", async () => {
  const { world, server } = await start();
  expect(world.socket.url).toBe("ws://hub/v1/rt");
  server.store("r1", "x");
  server.tell();
  await settle();
  server.disconnect();
  await world.advance(3_000);
  expect(world.sockets).toHaveLength(2);
  expect(world.socket.url).toBe("ws://hub/v1/rt?resume=1");
  expect(world.socket.sent[0]!.data).toMatchObject({ resume: { cursors: { r1: [1, expect.any(String)] } } });
});

test("a connection that breaks at once does not make the pause short again", async () => {
  const { world, server, client } = await start();
  for (let round = 0; round < 4; round++) {
    server.disconnect();
    await world.advance(client.connection.get().retryAt! - world.now);
  }
  server.disconnect();
  expect(client.connection.get().retryAt! - world.now).toBe(250 * 2 ** 4);
});

test("what the server asks for is the least pause, also when someone wants it now", async () => {
  const { world, client } = await start();
  world.socket.receive({
    type: "bye",
    data: { code: 4001, reason: "draining", reconnect: "resume", retryAfterMs: 5_000 },
  });
  expect(client.connection.get()).toMatchObject({ phase: "recovering", reason: "draining", code: 4001 });
  expect(client.connection.get().retryAt! - world.now).toBe(5_250);
  client.reconnect();
  await world.advance(4_999);
  expect(world.sockets).toHaveLength(1);
  await world.advance(1);
  expect(client.connection.get().phase).toBe("online");
});

test("now means now where nobody asked to wait", async () => {
  const { world, server, client } = await start();
  server.disconnect();
  world.random = 0.99;
  client.reconnect();
  await settle();
  expect(client.connection.get().phase).toBe("online");
  client.reconnect();
  await settle();
  expect(world.sockets).toHaveLength(2);
});

test("503 with Retry-After on a ticket is a floor", async () => {
  const world = new World();
  const client = make(world);
  const reply = world.reply;
  new Server(world);
  world.reply = () => ({
    status: 503,
    body: { code: "UNAVAILABLE", reason: "UPSTREAM_UNAVAILABLE" },
    headers: { "retry-after": "7" },
  });
  client.connect().catch(() => {});
  await settle();
  expect(client.connection.get()).toEqual({
    phase: "recovering",
    reason: "UPSTREAM_UNAVAILABLE",
    retryAt: world.now + 7_250,
  });
  world.reply = reply;
  await world.advance(7_250);
  expect(client.connection.get().phase).toBe("online");
});

test("a ticket that is refused as unauthenticated means: log in again", async () => {
  const world = new World();
  world.reply = () => ({ status: 401, body: { code: "UNAUTHENTICATED", reason: "TOKEN_INVALID" } });
  const client = make(world);
  const error = await refusal(client.connect());
  expect(error).toMatchObject({ kind: "closed", reason: "session_over" });
  expect(client.connection.get()).toEqual({ phase: "closed", reason: "session_over" });
  expect(world.sockets).toHaveLength(0);
  expect(await refusal(client.request("room.list", {}))).toMatchObject({ kind: "closed", reason: "session_over" });
  // Logged in again.
  world.reply = () => ({ status: 201, body: { ticket: "tk" } });
  new Server(world);
  const online = client.connect();
  await settle();
  await online;
  expect(client.connection.get().phase).toBe("online");
});

test.each([
  [1006, "recovering"],
  [1011, "recovering"],
  [4000, "recovering"],
  [4002, "recovering"],
  [4099, "recovering"],
  [4100, "recovering"],
  [4199, "recovering"],
  [4007, "parked"],
  [4400, "closed"],
  [4403, "closed"],
  [4499, "closed"],
])("close code %i: %s", async (code, phase) => {
  const { server, client } = await start();
  server.disconnect(code);
  expect(client.connection.get().phase).toBe(phase);
});

test("a goodbye for good rejects who waits, and is told", async () => {
  const { world, client } = await start();
  const asked = refusal(client.request("room.list", {}));
  world.socket.receive({
    type: "bye",
    data: { code: 4403, reason: "banned", reconnect: "never", retryAfterMs: 0 },
  });
  expect(client.connection.get()).toEqual({ phase: "closed", reason: "banned", code: 4403 });
  expect(await asked).toMatchObject({ kind: "closed", reason: "banned" });
  await world.advance(600_000);
  expect(world.sockets).toHaveLength(1);
});

test.each(["request", "enqueue", "look", "reconnect"])("parked until there is something to do: %s", async (what) => {
  const { world, server, client } = await start();
  world.signal({ isVisible: false });
  server.disconnect(4007);
  await world.advance(300_000);
  expect(client.connection.get().phase).toBe("parked");
  if (what === "request") void client.request("room.list", {});
  if (what === "enqueue") client.enqueue("message.send", { room: "r1", body: "x" }, { lane: "r1" });
  if (what === "look") world.signal({ isVisible: true });
  if (what === "reconnect") client.reconnect();
  await settle();
  expect(client.connection.get().phase).toBe("online");
});

test("frames that are none are left alone", async () => {
  const { world, client } = await start();
  for (const text of [
    "",
    "{",
    "7",
    "null",
    "[]",
    "{}",
    '{"type":7}',
    '{"type":"never.heard"}',
    '{"type":"ok","id":"zz"}',
  ])
    world.socket.receive(text);
  expect(client.connection.get().phase).toBe("online");
});

test("closing leaves nothing behind, and can be taken back", async () => {
  const { world, client } = await start();
  client.close();
  await settle();
  expect(world.timers).toBe(0);
  expect(world.listeners).toBe(0);
  expect(world.socket.isClosed).toBe(true);
  const online = client.connect();
  await settle();
  await online;
  expect(world.sockets).toHaveLength(2);
});

test("a socket that cannot be made is the network's fault", async () => {
  const world = new World();
  const Broken = class {
    constructor() {
      throw new TypeError("no sockets here");
    }
  };
  const client = make(world, { environment: { WebSocket: Broken as never } });
  client.connect().catch(() => {});
  await settle();
  expect(client.connection.get()).toMatchObject({ phase: "recovering", reason: "network" });
});
