import "fake-indexeddb/auto";

import { expect, test, vi } from "vitest";

import { Server } from "../test/server.ts";
import type { Started } from "../test/start.ts";
import { make, refusal, start } from "../test/start.ts";
import { settle, World } from "../test/world.ts";
import { HubbubClient } from "./client.ts";
import { memoryStorage } from "./storage.ts";

const write = (client: HubbubClient, body: string, room = "r1") =>
  client.enqueue("message.send", { room, body }, { lane: room });
const bodies = ({ server }: Pick<Started, "server">, room = "r1") => server.logs.get(room)!.map(({ body }) => body);
const states = (client: HubbubClient) => client.outbox.items.get().map(({ state }) => state);

/** Two tabs of one browser, both online; the first one drains. */
async function tabs(): Promise<{ world: World; server: Server; first: HubbubClient; second: HubbubClient }> {
  const world = new World();
  const server = new Server(world, ["r1", "r2"]);
  const storage = memoryStorage();
  const [first, second] = [0, 1].map(() => make(world, { storage, environment: world.tabs() }));
  for (const client of [first!, second!]) {
    client.connect().catch(() => {});
    await settle();
  }
  return { world, server, first: first!, second: second! };
}

test("shown at once, sent in order, answered", async () => {
  const { server, client } = await start();
  const [one, two] = [write(client, "1"), write(client, "2")];
  expect(client.outbox.items.get()).toMatchObject([
    { key: one.key, type: "message.send", data: { room: "r1", body: "1" }, lane: "r1", state: "waiting" },
    { key: two.key },
  ]);
  expect(await one).toMatchObject({ seq: 1 });
  expect(await two).toMatchObject({ seq: 2 });
  expect(bodies({ server })).toEqual(["1", "2"]);
  expect(client.outbox.items.get()).toEqual([]);
});

test("one of a lane is in flight, lanes do not wait for each other", async () => {
  const { world, server, client } = await start({}, ["r1", "r2"]);
  server.fates.push("lose");
  write(client, "1");
  write(client, "2");
  write(client, "other", "r2");
  await settle();
  expect(world.socket.of("message.send")).toHaveLength(2);
  expect(states(client)).toEqual(["sending", "waiting"]);
  await world.advance(10_000);
  expect(bodies({ server })).toEqual(["1", "2"]);
  expect(bodies({ server }, "r2")).toEqual(["other"]);
});

test("at most 8 lanes at a time", async () => {
  const rooms = Array.from({ length: 30 }, (_, at) => `r${at}`);
  const { world, server, client } = await start({}, rooms);
  server.fates.push(...rooms.map(() => "lose" as const));
  for (const room of rooms) write(client, "x", room);
  await settle();
  expect(world.socket.of("message.send")).toHaveLength(8);
  await world.advance(60_000);
  expect(rooms.every((room) => server.head(room) === 1)).toBe(true);
});

test("a refusal fails the request, and the lane goes on", async () => {
  const { world, client } = await start();
  world.onFrame = (socket, { id, type, data }) => {
    if (type !== "message.send") return;
    const error = { code: "INVALID_ARGUMENT", reason: "WORD_REFUSED", message: "not that word" };
    const isBad = (data as { body: string }).body === "bad";
    socket.receive(isBad ? { type: "error", id, error } : { type: "ok", id, data: { seq: 1 } });
  };
  const [bad, good] = [write(client, "bad"), write(client, "good")];
  expect(await refusal(bad)).toMatchObject({ kind: "refused", reason: "WORD_REFUSED" });
  expect(await good).toEqual({ seq: 1 });
  const failure = { reason: "WORD_REFUSED", message: "not that word" };
  expect(client.outbox.items.get()).toMatchObject([{ key: bad.key, state: "failed", failure }]);
  // Once more, with the same key.
  await client.outbox.retry(bad.key);
  await settle();
  const keys = world.socket.of("message.send").map((frame) => (frame as unknown as { key: string }).key);
  expect(keys).toEqual([bad.key, good.key, bad.key]);
  expect(states(client)).toEqual(["failed"]);
  await client.outbox.discard(bad.key);
  expect(client.outbox.items.get()).toEqual([]);
  await client.outbox.discard(bad.key);
  await client.outbox.retry(bad.key);
});

test.each(["RATE_LIMITED", "SLOW_MODE", "UPSTREAM_UNAVAILABLE"])("%s waits and repeats the key", async (reason) => {
  const { world, client } = await start();
  const sent: { key: string; at: number }[] = [];
  world.onFrame = (socket, frame) => {
    if (frame.type !== "message.send") return;
    sent.push({ key: (frame as unknown as { key: string }).key, at: world.now });
    const error = { code: "RESOURCE_EXHAUSTED", reason, retry: true, retryAfterMs: 3_000 };
    if (sent.length === 1) socket.receive({ type: "error", id: frame.id, error });
    else socket.receive({ type: "ok", id: frame.id, data: {} });
  };
  const began = world.now;
  const pending = write(client, "x");
  await settle();
  expect(states(client)).toEqual(["waiting"]);
  await world.advance(3_000);
  await pending;
  expect(sent).toEqual([
    { key: pending.key, at: began },
    { key: pending.key, at: began + 3_000 },
  ]);
});

test("a rate limit is everyone's: other lanes wait, too", async () => {
  const { world, server, client } = await start({}, ["r1", "r2"]);
  server.fates.push("limit");
  write(client, "1");
  await settle();
  write(client, "2", "r2");
  await settle();
  expect(world.socket.of("message.send")).toHaveLength(1);
  await world.advance(1_000);
  expect(bodies({ server }, "r2")).toEqual(["2"]);
});

test("taken back before it left, but not after", async () => {
  const { world, server, client } = await start();
  server.fates.push("lose");
  const [one, two] = [write(client, "1"), write(client, "2")];
  await settle();
  expect(await one.cancel()).toBe(false);
  expect(await two.cancel()).toBe(true);
  expect(await refusal(two)).toMatchObject({ kind: "aborted", reason: "CANCELLED" });
  await world.advance(10_000);
  await one;
  expect(bodies({ server })).toEqual(["1"]);
  expect(await one.cancel()).toBe(false);
});

test("one that once left is not taken back in a later life either", async () => {
  const storage = memoryStorage();
  const { world, server, client } = await start({ storage });
  server.fates.push("lose");
  const { key } = write(client, "1");
  await settle();
  world.kill();
  server.isReachable = false;
  const next = make(world, { storage });
  await next.ready;
  const again = next.enqueue("message.send", { room: "r1", body: "1" }, { lane: "r1", key });
  expect(await again.cancel()).toBe(false);
  expect(next.outbox.items.get()).toHaveLength(1);
});

test("survives a reload in IndexedDB, with the same keys and in order", async () => {
  const world = new World();
  const server = new Server(world);
  // What is not said is IndexedDB.
  const live = () => new HubbubClient({ url: "http://hub", environment: world.environment({ indexedDB }) });
  const client = live();
  client.connect().catch(() => {});
  await settle(40);
  server.isReachable = false;
  server.disconnect();
  const keys = ["1", "2", "3"].map((body) => write(client, body).key);
  await settle(40);
  world.kill();
  const next = live();
  await next.ready;
  expect(next.me.get()?.name).toBe("ada");
  expect(next.outbox.items.get().map(({ key }) => key)).toEqual(keys);
  server.isReachable = true;
  next.connect().catch(() => {});
  await settle(120);
  expect(bodies({ server })).toEqual(["1", "2", "3"]);
  world.kill();
  const last = live();
  await last.ready;
  expect(last.outbox.items.get()).toEqual([]);
  world.kill();
});

test("written before anyone is known: it goes to whoever logs in", async () => {
  const world = new World();
  const server = new Server(world);
  const client = make(world);
  const pending = write(client, "early");
  await settle();
  expect(states(client)).toEqual(["waiting"]);
  client.connect().catch(() => {});
  await settle();
  expect(await pending).toMatchObject({ seq: 1 });
  expect(server.welcomes).toBe(1);
});

test("one tab drains; what others write they see, and are told how it ended", async () => {
  const { world, server, first, second } = await tabs();
  const pending = write(second, "from the second");
  await settle();
  expect(await pending).toMatchObject({ seq: 1 });
  const sockets = world.sockets.map((socket) => socket.of("message.send").length);
  expect(sockets).toEqual([1, 0]);
  server.fates.push("lose");
  write(first, "from the first");
  await settle();
  expect(second.outbox.items.get()).toHaveLength(1);
  await world.advance(10_000);
  expect(second.outbox.items.get()).toEqual([]);
  expect(first.outbox.items.get()).toEqual([]);
});

test("a refusal reaches the tab that wrote", async () => {
  const { world, second, first } = await tabs();
  world.onFrame = (socket, { id, type }) => {
    const error = { code: "PERMISSION_DENIED", reason: "NOT_A_MEMBER", message: "no" };
    if (type === "message.send") socket.receive({ type: "error", id, error });
  };
  const pending = write(second, "x");
  expect(await refusal(pending)).toMatchObject({ kind: "refused", reason: "NOT_A_MEMBER" });
  expect(states(first)).toEqual(["failed"]);
  expect(states(second)).toEqual(["failed"]);
  await second.outbox.discard(pending.key);
  await settle();
  expect(first.outbox.items.get()).toEqual([]);
});

test("a tab that is gone leaves its work to the other", async () => {
  const { world, server, first, second } = await tabs();
  server.fates.push("lose");
  const pending = write(second, "x");
  await settle();
  expect(server.head("r1")).toBe(0);
  first.close();
  await settle();
  expect(await pending).toMatchObject({ seq: 1 });
  expect(world.sockets[1]!.of("message.send")).toHaveLength(1);
  expect(bodies({ server })).toEqual(["x"]);
});

test("a storage that takes nothing: the outbox lives as long as the page, and the app is told once", async () => {
  const fail = () => Promise.reject(new DOMException("no room", "QuotaExceededError"));
  const storage = { get: fail, put: fail, delete: fail, all: fail, clear: fail };
  const onWarning = vi.fn<(what: string, error: unknown) => void>();
  const world = new World();
  const server = new Server(world);
  // Another tab holds the lock, and will never see these rows.
  const locks = world.tabs().locks!;
  void locks.request("hubbub:http://hub:drain", {}, () => new Promise(() => {}));
  const client = make(world, { storage, onWarning, environment: world.tabs() });
  client.connect().catch(() => {});
  await settle();
  expect(await write(client, "1")).toMatchObject({ seq: 1 });
  expect(await write(client, "2")).toMatchObject({ seq: 2 });
  expect(bodies({ server })).toEqual(["1", "2"]);
  expect(onWarning).toHaveBeenCalledTimes(1);
  expect(onWarning).toHaveBeenCalledWith("storage", expect.any(DOMException));
});

test("the same key is the same request", async () => {
  const { server, client } = await start();
  const [one, two] = [1, 2].map(() =>
    client.enqueue("message.send", { room: "r1", body: "x" }, { lane: "r1", key: "mine" }),
  );
  expect(await one!).toEqual(await two!);
  expect(server.head("r1")).toBe(1);
});

test("a logged-out session fails nothing: it waits for the log-in", async () => {
  const { world, client } = await start();
  world.onFrame = (socket, { id, type }) => {
    const error = { code: "UNAUTHENTICATED", reason: "TOKEN_INVALID", message: "over" };
    if (type === "message.send") socket.receive({ type: "error", id, error });
  };
  write(client, "x");
  await settle();
  expect(states(client)).toEqual(["waiting"]);
});
