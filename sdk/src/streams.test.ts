import { expect, test } from "vitest";

import { ME } from "../test/server.ts";
import type { Started } from "../test/start.ts";
import { start } from "../test/start.ts";
import { settle } from "../test/world.ts";
import type { ClientOptions } from "./options.ts";

interface Watched extends Started {
  got: number[];
  resets: string[];
}

async function watched(options: Partial<ClientOptions> = {}, feedHead = 0): Promise<Watched> {
  const started = await start(options, undefined, feedHead);
  const [got, resets]: [number[], string[]] = [[], []];
  started.client.on("message.new", ({ seq }) => void got.push(seq!));
  started.client.onReset((stream) => void resets.push(stream));
  return { ...started, got, resets };
}

/** Stores events that nobody is told of. */
function hide({ server }: Started, count: number): void {
  for (let event = 0; event < count; event++) server.store("r1", "x");
}

test("one that is missing is asked for once, while what follows waits", async () => {
  const { world, server, got } = await watched();
  server.store("r1", "1");
  server.tell(() => "miss");
  hide({ server } as Started, 3);
  server.tell();
  server.tell();
  expect(got).toEqual([]);
  await settle();
  expect(got).toEqual([1, 2, 3, 4]);
  expect(world.socket.of("history.sync").map(({ data }) => data)).toEqual([{ room: "r1", after: 0 }]);
});

test("room.gap is repaired at once, page by page, in order", async () => {
  const started = await watched();
  const { world, server, got, resets, client } = started;
  server.disconnect();
  hide(started, 250);
  await world.advance(3_000);
  expect(got).toEqual(Array.from({ length: 250 }, (_, at) => at + 1));
  expect(world.socket.of("history.sync").map(({ data }) => (data as { after: number }).after)).toEqual([0, 100, 200]);
  expect(resets).toEqual([]);
  expect(client.connection.get().phase).toBe("online");
});

test("what is replayed or repaired is marked", async () => {
  const { world, server, client } = await start();
  const marks: (boolean | undefined)[] = [];
  client.on("message.new", ({ replayed }) => void marks.push(replayed));
  server.store("r1", "1");
  server.tell();
  server.disconnect();
  server.store("r1", "2");
  await world.advance(3_000);
  server.store("r1", "3");
  server.tell(() => "miss");
  server.store("r1", "4");
  server.tell();
  await settle();
  // The fourth was told live, so that it was a part of the page as well.
  expect(marks).toEqual([undefined, true, true, true]);
});

test("a gap of more than 2,000 is not repaired but told", async () => {
  const started = await watched();
  const { world, server, got, resets } = started;
  server.disconnect();
  hide(started, 2_001);
  await world.advance(3_000);
  expect(resets).toEqual(["r1"]);
  expect(world.socket.of("history.sync")).toEqual([]);
  server.store("r1", "x");
  server.tell();
  expect(got).toEqual([2_002]);
});

test("a place that the server does not know any more is a reset", async () => {
  const started = await watched();
  const { world, server, got, resets } = started;
  hide(started, 2);
  server.tell();
  world.onFrame = (socket, frame) => {
    if (frame.type !== "history.sync") return;
    const error = { code: "FAILED_PRECONDITION", reason: "HISTORY_TRUNCATED", message: "no such place" };
    socket.receive({ type: "error", id: frame.id, error });
  };
  server.store("r1", "3");
  server.tell(() => "miss");
  server.store("r1", "4");
  server.tell();
  await settle();
  expect(resets).toEqual(["r1"]);
  expect(got).toEqual([1, 2, 4]);
});

test("room.reset", async () => {
  const { world, client, got, resets } = await watched();
  const heard: unknown[] = [];
  client.on("room.reset", ({ data }) => void heard.push(data));
  world.socket.receive({ type: "room.reset", room: "r1", data: { room: "r1", head: 9 } });
  expect(resets).toEqual(["r1"]);
  expect(heard).toEqual([{ room: "r1", head: 9 }]);
  const data = { message: "m", room: "r1", seq: 10 };
  world.socket.receive({ type: "message.new", room: "r1", seq: 9, prev: 8, cursor: "c", data });
  world.socket.receive({ type: "message.new", room: "r1", seq: 10, prev: 9, cursor: "c", data });
  expect(got).toEqual([10]);
});

test("a repair that is refused for asking too much goes on", async () => {
  const started = await watched();
  const { world, server, got } = started;
  server.fates.push("limit", "lose");
  server.disconnect();
  hide(started, 5);
  await world.advance(20_000);
  expect(got).toEqual([1, 2, 3, 4, 5]);
});

test("the feed cannot be asked for: a hole in it is a reset", async () => {
  const { world, resets, client } = await watched();
  const heard: (number | undefined)[] = [];
  client.on("friend.sent", ({ seq, stream }) => void heard.push(stream === ME ? seq : undefined));
  const frame = { type: "friend.sent", stream: ME, cursor: "c", data: {} };
  world.socket.receive({ ...frame, seq: 1, prev: 0 });
  world.socket.receive({ ...frame, seq: 4, prev: 2 });
  await settle();
  world.socket.receive({ ...frame, seq: 5, prev: 4 });
  expect(heard).toEqual([1, 4, 5]);
  expect(resets).toEqual([ME]);
});

test("a feed that went on while its place could not be proved is a reset", async () => {
  const { world, server, resets } = await watched({}, 2);
  server.feedHead = 3;
  server.disconnect();
  await world.advance(3_000);
  expect(resets).toEqual([ME]);
  server.disconnect();
  await world.advance(3_000);
  expect(resets).toEqual([ME]);
});

test("a server that went back in time is a reset", async () => {
  const { world, server, resets } = await watched({}, 2);
  server.feedHead = 1;
  server.disconnect();
  await world.advance(3_000);
  expect(resets).toEqual([ME]);
});

test("a room that nobody asked for begins where it does", async () => {
  const { world, got } = await watched();
  const frame = { type: "message.new", room: "new", cursor: "c", data: {} };
  world.socket.receive({ ...frame, seq: 8, prev: 7 });
  world.socket.receive({ ...frame, seq: 9, prev: 8 });
  expect(got).toEqual([8, 9]);
});

test("after the own departure a room begins anew", async () => {
  const { world, server, got } = await watched();
  server.store("r1", "x");
  server.tell();
  const frame = { room: "r1", cursor: "c" };
  const left = (id: string) => ({ user: { id, name: "x" }, reason: "left", at: 1 });
  world.socket.receive({ ...frame, type: "room.memberLeft", seq: 2, prev: 1, data: left("someone") });
  world.socket.receive({ ...frame, type: "room.memberLeft", seq: 3, prev: 2, data: left(ME) });
  world.socket.receive({ ...frame, type: "message.new", seq: 30, prev: 29, data: {} });
  await settle();
  expect(got).toEqual([1, 30]);
  expect(world.socket.of("history.sync")).toEqual([]);
});

test("the answer of a join says where the room begins, but moves no room that is followed", async () => {
  const { world, client, got } = await watched();
  const receive = world.socket.receive.bind(world.socket);
  world.onFrame = (_, { id, type }) => {
    if (type !== "room.join") return;
    receive({ type: "ok", id, data: { room: { id: "r9" }, head: 5, cursor: "c5", messages: [], members: [] } });
    // In the same moment: nobody has seen the answer yet.
    receive({ type: "message.new", room: "r9", seq: 6, prev: 5, cursor: "c6", data: {} });
  };
  await client.rooms.join("tea");
  expect(got).toEqual([6]);
  await client.rooms.join("tea");
  receive({ type: "message.new", room: "r9", seq: 7, prev: 6, cursor: "c7", data: {} });
  expect(got).toEqual([6, 7]);
});

test("at most 1,000 places in a hello, the latest ones; the others are compared with the welcome", async () => {
  const started = await start({}, ["quiet", ...Array.from({ length: 1_000 }, (_, at) => `r${at}`)]);
  const { world, server, client } = started;
  const got: string[] = [];
  client.on("message.new", ({ room }) => void got.push(room!));
  for (let at = 0; at < 1_000; at++) server.store(`r${at}`, "x");
  server.tell();
  server.disconnect();
  server.store("quiet", "missed");
  await world.advance(2_000);
  const { resume } = world.socket.sent[0]!.data as { resume: { cursors: object } };
  expect(Object.keys(resume.cursors)).toHaveLength(1_000);
  expect(resume.cursors).not.toHaveProperty("quiet");
  expect(got.filter((room) => room === "quiet")).toHaveLength(1);
});

test("rooms that one is no longer in are forgotten", async () => {
  const { world, server } = await watched();
  server.logs.delete("r1");
  server.logs.set("r2", []);
  server.disconnect();
  await world.advance(3_000);
  server.disconnect();
  await world.advance(2_000);
  expect(world.socket.sent[0]!.data).toMatchObject({ resume: { cursors: { r2: [0, ""] } } });
});
