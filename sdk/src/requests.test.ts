import { expect, test } from "vitest";

import { refusal, start } from "../test/start.ts";
import { settle } from "../test/world.ts";

const SEND = { room: "r1", body: "hi" };

test("an answer, and a key that nobody had to make", async () => {
  const { world, client } = await start();
  const answer = await client.request("message.send", SEND);
  expect(answer).toMatchObject({ room: "r1", seq: 1 });
  const [sent] = world.socket.of("message.send");
  expect(sent).toMatchObject({ data: SEND, id: expect.stringMatching(/^.{1,16}$/) });
  expect(sent).toHaveProperty("key", expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-7/));
  await client.request("message.send", SEND, { key: "mine" });
  expect(world.socket.of("message.send")[1]).toHaveProperty("key", "mine");
});

test("no answer: the same key again after 10 s", async () => {
  const { world, server, client } = await start();
  server.fates.push("silence", "lose");
  const asked = client.request("message.send", SEND);
  await world.advance(9_999);
  expect(world.socket.of("message.send")).toHaveLength(1);
  await world.advance(1);
  await world.advance(10_000);
  expect(await asked).toMatchObject({ seq: 1 });
  const sent = world.socket.of("message.send");
  expect(sent).toHaveLength(3);
  expect(new Set(sent.map((frame) => JSON.stringify(frame))).size).toBe(1);
  expect(server.head("r1")).toBe(1);
});

test("a lost socket: the same key on the next one, in the order it was asked", async () => {
  const { world, server, client } = await start();
  server.fates.push("cut");
  const first = client.request("message.send", { room: "r1", body: "1" });
  const second = client.request("message.send", { room: "r1", body: "2" });
  await world.advance(3_000);
  expect(await first).toMatchObject({ seq: 1 });
  expect(await second).toMatchObject({ seq: 2 });
  expect(world.sockets).toHaveLength(2);
  expect(world.socket.of("message.send").map(({ data }) => data)).toEqual([
    { room: "r1", body: "1" },
    { room: "r1", body: "2" },
  ]);
  expect(server.head("r1")).toBe(2);
});

test("a refusal is an error with everything that was told", async () => {
  const { server, client } = await start();
  server.fates.push("limit");
  const error = await refusal(client.request("message.send", SEND));
  expect(error).toMatchObject({
    kind: "refused",
    code: "RESOURCE_EXHAUSTED",
    reason: "RATE_LIMITED",
    message: "slowly",
    retry: true,
    retryAfterMs: 70,
    fields: {},
  });
});

test("a request waits for a connection, but not for ever", async () => {
  const { world, server, client } = await start();
  server.isReachable = false;
  server.disconnect();
  const [short, long] = [
    refusal(client.request("room.list", {}, { timeoutMs: 5_000 })),
    refusal(client.request("room.list", {})),
  ];
  await world.advance(5_000);
  expect(await short).toMatchObject({ kind: "unknown", reason: "TIMEOUT" });
  await world.advance(25_000);
  expect(await long).toMatchObject({ kind: "unknown", reason: "TIMEOUT" });
  const patient = client.request("room.list", {});
  server.isReachable = true;
  await world.advance(29_000);
  expect(await patient).toEqual({});
});

test("the app stops waiting", async () => {
  const { world, server, client } = await start();
  const stop = new AbortController();
  server.fates.push("lose");
  const asked = refusal(client.request("message.send", SEND, { signal: stop.signal }));
  stop.abort();
  expect(await asked).toMatchObject({ kind: "aborted" });
  expect(await refusal(client.request("message.send", SEND, { signal: stop.signal }))).toMatchObject({
    kind: "aborted",
  });
  await world.advance(60_000);
  expect(world.sockets.flatMap((socket) => socket.of("message.send"))).toHaveLength(1);
});

test("typing is of no use later", async () => {
  const { world, server, client } = await start();
  world.onFrame = undefined;
  const lost = refusal(client.request("typing", { room: "r1" }));
  server.disconnect();
  expect(await lost).toMatchObject({ kind: "unknown", reason: "OFFLINE" });
  expect(await refusal(client.request("typing", { room: "r1" }))).toMatchObject({ kind: "unknown", reason: "OFFLINE" });
});

test("what the server would end the connection for is refused here", async () => {
  const { world, client } = await start();
  const huge = refusal(client.request("message.send", { room: "r1", body: "ü".repeat(40_000) }));
  expect(await huge).toMatchObject({ kind: "refused", reason: "BODY_TOO_LONG" });
  const circle: Record<string, unknown> = {};
  circle["self"] = circle;
  expect(await refusal(client.request("room.list", circle as never))).toMatchObject({ reason: "FIELD_INVALID" });
  expect(world.socket.sent).toHaveLength(1);
});

test("half of a character is replaced", async () => {
  const { world, client } = await start();
  await client.request("message.send", { room: "r1", body: "a\ud83d b\ude00 c😀 \\ud83d" });
  expect(world.socket.of("message.send")[0]!.data).toMatchObject({ body: "a\ufffd b\ufffd c😀 \\ud83d" });
});

test("an answer that comes twice, or too late, is for nobody", async () => {
  const { world, client } = await start();
  await client.request("message.send", SEND);
  const [sent] = world.socket.of("message.send");
  world.socket.receive({ type: "ok", id: sent!.id, data: {} });
  world.socket.receive({ type: "error", data: {} });
  await settle();
  expect(client.connection.get().phase).toBe("online");
});
