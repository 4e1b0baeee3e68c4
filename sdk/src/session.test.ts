/** Who is logged in: known offline, never mixed, forgotten everywhere. */

import { expect, test, vi } from "vitest";

import { ME, Server } from "../test/server.ts";
import { make, refusal, start } from "../test/start.ts";
import { settle, World } from "../test/world.ts";
import type { HubbubClient } from "./client.ts";
import { HubbubError } from "./error.ts";
import { memoryStorage } from "./storage.ts";

const BOB = { id: "00000000-0000-7000-8000-000000000002", name: "bob", role: "USER" as const };
const goOnline = async (client: HubbubClient) => {
  client.connect().catch(() => {});
  await settle();
};

test("known after a reload without a network", async () => {
  const storage = memoryStorage();
  const { world, server, client } = await start({ storage });
  await client.storage.put("cache", "rooms", ["tea"]);
  await world.advance(1_000);
  world.kill();
  server.isReachable = false;
  world.isOnline = false;
  const next = make(world, { storage });
  expect(next.me.get()).toBeNull();
  await next.ready;
  expect(next.me.get()).toEqual({ id: ME, name: "ada", role: "USER" });
  expect(next.welcome.get()).toMatchObject({ session: "s", rooms: [{ id: "r1" }] });
  expect(await next.storage.get("cache", "rooms")).toEqual(["tea"]);
  next.connect().catch(() => {});
  await settle();
  expect(next.connection.get().phase).toBe("offline");
});

test("nobody is logged in: nothing is kept", async () => {
  const client = make(new World(), { storage: memoryStorage() });
  await client.ready;
  expect(client.me.get()).toBeNull();
  expect(await client.storage.get("cache", "x")).toBeUndefined();
});

test("a new name", async () => {
  const { world, client } = await start();
  const account = { type: "account.updated", stream: ME, seq: 1, prev: 0, cursor: "c" };
  world.socket.receive({ ...account, data: { at: 1, user: { id: ME, name: "lovelace" } } });
  expect(client.me.get()).toEqual({ id: ME, name: "lovelace", role: "USER" });
});

test("someone else's credential: their own tables, places and outbox, on a connection of their own", async () => {
  const storage = memoryStorage();
  const { world, server, client } = await start({ storage });
  await client.storage.put("cache", "rooms", ["ada's"]);
  server.store("r1", "x");
  server.tell();
  await world.advance(1_000);
  server.isReachable = false;
  server.disconnect();
  const pending = client.enqueue("message.send", { room: "r1", body: "ada's" }, { lane: "r1" });
  await settle();
  const seen: (string | undefined)[] = [];
  client.me.subscribe(() => seen.push(client.me.get()?.id));
  server.user = { ...BOB };
  server.isReachable = true;
  await world.advance(3_000);
  expect(seen).toEqual([undefined, BOB.id]);
  expect(client.connection.get().phase).toBe("online");
  // The first of the two was greeted as bob with ada's places: it was left at once.
  expect(world.sockets.at(-2)!.isClosed).toBe(true);
  expect(world.socket.sent[0]!.data).toMatchObject({ resume: { cursors: {} } });
  expect(await refusal(pending)).toMatchObject({ kind: "closed", reason: "switched" });
  expect(client.outbox.items.get()).toEqual([]);
  expect(await client.storage.get("cache", "rooms")).toBeUndefined();
  await world.advance(60_000);
  expect(server.logs.get("r1")!.map(({ body }) => body)).toEqual(["x"]);
  // Ada comes back: what she wrote is sent, as her.
  server.user = { id: ME, name: "ada", role: "USER" };
  server.disconnect();
  await world.advance(10_000);
  expect(await client.storage.get("cache", "rooms")).toEqual(["ada's"]);
  expect(server.logs.get("r1")!.map(({ body }) => body)).toEqual(["x", "ada's"]);
});

test("logging out forgets everything, in every tab", async () => {
  const world = new World();
  const server = new Server(world);
  const storage = memoryStorage();
  const [first, second] = [0, 1].map(() => make(world, { storage, environment: world.tabs() }));
  await goOnline(first!);
  await goOnline(second!);
  server.isReachable = false;
  server.disconnect();
  server.isReachable = true;
  await second!.storage.put("cache", "x", "secret");
  const pending = second!.enqueue("message.send", { room: "r1", body: "x" }, { lane: "r1" });
  await settle(1);
  const clear = vi.spyOn(storage, "clear");
  await first!.logout();
  await settle();
  expect(world.calls.at(-1)).toMatchObject({ method: "POST", path: "/logout" });
  expect(clear).toHaveBeenCalled();
  for (const client of [first!, second!]) {
    expect(client.connection.get()).toEqual({ phase: "closed", reason: "logged_out" });
    expect(client.me.get()).toBeNull();
    expect(client.welcome.get()).toBeNull();
    expect(client.outbox.items.get()).toEqual([]);
    expect(await client.storage.get("cache", "x")).toBeUndefined();
  }
  expect(await refusal(pending)).toMatchObject({ kind: "closed", reason: "logged_out" });
  await world.advance(60_000);
  for (const table of [`${ME}/cache`, `${ME}/outbox`, `${ME}/state`, "client"]) {
    expect(await storage.all(table)).toEqual([]);
  }
});

test("logging out without a network: forgotten here, and the server is told before anything else", async () => {
  const storage = memoryStorage();
  const { world, server, client } = await start({ storage });
  server.isReachable = false;
  expect(await refusal(client.logout())).toMatchObject({ kind: "unknown", reason: "NETWORK" });
  expect(client.me.get()).toBeNull();
  world.kill();
  const next = make(world, { storage });
  next.connect().catch(() => {});
  await settle();
  expect(next.me.get()).toBeNull();
  server.isReachable = true;
  const { length } = world.calls;
  await world.advance(1_000);
  expect(world.calls.slice(length).map(({ path }) => path)).toEqual(["/logout", "/v1/rt/tickets"]);
  server.disconnect();
  await world.advance(3_000);
  expect(world.calls.slice(length).map(({ path }) => path)).toEqual([
    "/logout",
    "/v1/rt/tickets",
    "/v1/rt/tickets?resume=1",
  ]);
});

test("a log-in in between makes that log-out needless", async () => {
  const storage = memoryStorage();
  const { world, server, client } = await start({ storage });
  server.isReachable = false;
  await refusal(client.logout());
  server.isReachable = true;
  await client.api.logIn({ username: "ada", password: "secret" });
  const { length } = world.calls;
  await goOnline(client);
  expect(world.calls.slice(length).map(({ path }) => path)).toEqual(["/v1/rt/tickets"]);
});

test("logging out of a session that is over is fine", async () => {
  const { world, client } = await start();
  world.reply = () => ({ status: 401, body: { code: "UNAUTHENTICATED", reason: "TOKEN_INVALID" } });
  await client.logout();
  expect(client.connection.get()).toEqual({ phase: "closed", reason: "logged_out" });
});

test("tabs follow the one cookie that they share", async () => {
  const world = new World();
  const server = new Server(world);
  const storage = memoryStorage();
  const [first, second] = [0, 1].map(() => make(world, { storage, environment: world.tabs() }));
  await goOnline(first!);
  await first!.logout();
  await goOnline(second!);
  await settle();
  // Who was logged out is taken along by the log-in.
  expect(first!.connection.get().phase).toBe("online");
  server.user = { ...BOB };
  second!.close();
  await goOnline(second!);
  await world.advance(5_000);
  expect(second!.me.get()?.id).toBe(BOB.id);
  expect(first!.me.get()?.id).toBe(BOB.id);
});

test("an access token: asked for once, renewed over the socket and over REST", async () => {
  let count = 0;
  const getToken = vi.fn(async () => `jwt-${++count}`);
  const { world, client } = await start({ auth: { getToken } });
  expect(world.socket.sent[0]!.data).toMatchObject({ token: "jwt-1" });
  expect(world.calls).toEqual([]);
  world.socket.receive({ type: "auth.expiring", data: { expiresAt: 1 } });
  world.socket.receive({ type: "auth.expiring", data: { expiresAt: 1 } });
  await settle();
  expect(getToken).toHaveBeenCalledTimes(2);
  expect(getToken).toHaveBeenLastCalledWith("expired");
  expect(world.socket.of("auth.refresh").map(({ data }) => data)).toEqual([{ token: "jwt-2" }, { token: "jwt-2" }]);
  await Promise.all([client.api.account(), client.api.account()]);
  const bearer = () => (world.calls.at(-1)!.init.headers as Record<string, string>)["authorization"];
  expect(bearer()).toBe("Bearer jwt-2");
  // One that expired between two calls.
  world.reply = (_, __, { headers }) =>
    (headers as Record<string, string>)["authorization"] === "Bearer jwt-3" ? { body: {} } : { status: 401, body: {} };
  await client.api.account();
  expect(bearer()).toBe("Bearer jwt-3");
});

test("an access token that expired is replaced before the next hello", async () => {
  let count = 0;
  const getToken = vi.fn(async () => `jwt-${++count}`);
  const { world, server, client } = await start({ auth: { getToken } });
  server.disconnect();
  await world.advance(3_000);
  expect(world.socket.sent[0]!.data).toMatchObject({ token: "jwt-1" });
  server.disconnect(4100);
  await world.advance(5_000);
  expect(world.socket.sent[0]!.data).toMatchObject({ token: "jwt-2" });
  expect(getToken.mock.calls).toEqual([["connect"], ["expired"]]);
  expect(client.connection.get().phase).toBe("online");
});

test("an app that has no token for now is asked again; one whose session is over is not", async () => {
  const getToken = vi.fn<() => Promise<string>>().mockRejectedValueOnce(new Error("offline")).mockResolvedValue("jwt");
  const world = new World();
  const server = new Server(world);
  const client = make(world, { auth: { getToken } });
  await goOnline(client);
  expect(client.connection.get()).toMatchObject({ phase: "recovering", reason: "network" });
  await world.advance(1_000);
  expect(client.connection.get().phase).toBe("online");
  getToken.mockRejectedValue(new HubbubError("refused", { code: "UNAUTHENTICATED" }));
  server.disconnect(4101);
  await world.advance(5_000);
  expect(client.connection.get()).toEqual({ phase: "closed", reason: "session_over" });
});

test("a session token is the bearer of REST, and gets tickets", async () => {
  const { world } = await start({ auth: { getToken: async () => "hs_secret" } });
  expect(world.socket.sent[0]!.data).toMatchObject({ ticket: "tk" });
  expect(world.calls[0]).toMatchObject({ path: "/v1/rt/tickets", init: { credentials: "omit" } });
  expect(world.calls[0]!.init.headers).toMatchObject({ authorization: "Bearer hs_secret" });
  world.socket.receive({ type: "auth.expiring", data: { expiresAt: 1 } });
  await settle();
  expect(world.socket.of("auth.refresh")).toEqual([]);
});
