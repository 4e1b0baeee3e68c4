/** How the client finds out that a socket is dead. */

import { expect, test } from "vitest";

import { make, start } from "../test/start.ts";
import { settle, World } from "../test/world.ts";

test("without a network: offline at once, back when it is", async () => {
  const { world, server, client } = await start();
  server.isReachable = false;
  world.signal({ isOnline: false });
  expect(client.connection.get()).toMatchObject({ phase: "offline", reason: "network" });
  expect(world.socket.isClosed).toBe(true);
  // A look now and then, in case that the platform is wrong about it.
  await world.advance(30_000);
  expect(client.connection.get().phase).toBe("offline");
  server.isReachable = true;
  world.signal({ isOnline: true });
  await settle();
  expect(client.connection.get().phase).toBe("online");
});

test("the network goes while it waits for the next attempt", async () => {
  const { world, server, client } = await start();
  server.isReachable = false;
  server.disconnect();
  world.signal({ isOnline: false });
  expect(client.connection.get().phase).toBe("offline");
});

test("pings are answered, silence is death", async () => {
  const { world, client } = await start();
  world.socket.receive({ type: "ping", n: 7 });
  expect(world.socket.of("pong")).toEqual([{ type: "pong", n: 7 }]);
  await world.advance(40_000);
  world.socket.receive({ type: "ping", n: 8 });
  await world.advance(44_000);
  expect(client.connection.get().phase).toBe("online");
  const first = world.socket;
  await world.advance(1_000);
  expect(client.connection.get()).toMatchObject({ phase: "recovering", reason: "heartbeat_timeout" });
  expect(first.isClosed).toBe(true);
});

test("nobody looks: the server is told, and pings half as often", async () => {
  const { world, client } = await start();
  world.signal({ isVisible: false });
  expect(world.socket.of("client.state")).toEqual([{ type: "client.state", data: { visible: false } }]);
  world.socket.receive({ type: "ping", n: 1 });
  await world.advance(69_000);
  expect(client.connection.get().phase).toBe("online");
  await world.advance(1_000);
  expect(client.connection.get().phase).toBe("recovering");
});

test("a look at a dead socket finds out within 3 s", async () => {
  const { world, client, server } = await start();
  const dead = world.socket;
  world.onFrame = undefined;
  world.signal({ isVisible: false });
  world.signal({ isVisible: true });
  expect(dead.of("ping")).toHaveLength(1);
  world.signal({ isVisible: true });
  expect(dead.of("ping")).toHaveLength(1);
  await world.advance(3_000);
  expect(dead.isClosed).toBe(true);
  expect(client.connection.get().phase).toBe("recovering");
  expect(server).toBeDefined();
});

test("a look at a socket that lives changes nothing", async () => {
  const { world, client } = await start();
  world.signal({ isVisible: false });
  world.signal({ isVisible: true });
  await world.advance(10_000);
  expect(world.sockets).toHaveLength(1);
  expect(client.connection.get().phase).toBe("online");
});

test("a greeting that does not come is given up", async () => {
  const world = new World();
  const client = make(world);
  client.connect().catch(() => {});
  await settle();
  expect(world.sockets).toHaveLength(1);
  await world.advance(10_000);
  expect(world.sockets[0]!.isClosed).toBe(true);
  expect(client.connection.get().phase).toBe("recovering");
});

test("a ticket that does not come is given up", async () => {
  const world = new World();
  world.reply = () => new Promise(() => {});
  const client = make(world);
  client.connect().catch(() => {});
  await world.advance(15_000);
  expect(client.connection.get()).toMatchObject({ phase: "recovering", reason: "network" });
});

test("what a dead socket still says is nobody's concern", async () => {
  const { world, server, client } = await start();
  const first = world.socket;
  const heard: string[] = [];
  client.onAny(({ type }) => heard.push(type));
  server.disconnect();
  first.isClosed = false;
  first.receive({ type: "typing", room: "r1", data: {} });
  first.onclose?.({ code: 4403 } as never);
  expect(heard).toEqual([]);
  expect(client.connection.get().phase).toBe("recovering");
});

test("a send that throws ends the socket", async () => {
  const { world, client } = await start();
  world.onFrame = () => {
    throw new Error("gone");
  };
  void client.request("room.list", {}).catch(() => {});
  expect(client.connection.get().phase).toBe("recovering");
});
