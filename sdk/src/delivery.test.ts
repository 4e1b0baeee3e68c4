/** How events reach the app, and what is remembered of it. */

import { expect, test } from "vitest";

import { ME } from "../test/server.ts";
import { make, start } from "../test/start.ts";
import { settle } from "../test/world.ts";
import { memoryStorage } from "./storage.ts";

test("an event as a handler gets it", async () => {
  const { server, client } = await start();
  const events: unknown[] = [];
  client.on("message.new", (event) => void events.push(event));
  server.store("r1", "hi");
  server.tell();
  expect(events).toEqual([
    {
      type: "message.new",
      room: "r1",
      stream: "r1",
      seq: 1,
      cursor: expect.stringMatching(/^r1-1/),
      data: expect.objectContaining({ body: "hi", seq: 1 }),
    },
  ]);
});

test("a place is stored after its handlers ran", async () => {
  const storage = memoryStorage();
  const { world, server, client } = await start({ storage });
  let placeInHandler: unknown;
  client.on("message.new", () => {
    client.close();
    placeInHandler = storage.get(`${ME}/state`, "cursors");
  });
  server.store("r1", "x");
  server.tell();
  expect(await placeInHandler).toMatchObject({ r1: [0, ""] });
  world.kill();
});

test("a handler that throws is the app's bug, and nobody else's", async () => {
  const reported: unknown[] = [];
  globalThis.reportError = (error) => void reported.push(error);
  const { server, client } = await start();
  const got: number[] = [];
  client.on("message.new", () => {
    throw new Error("mine");
  });
  client.on("message.new", ({ seq }) => void got.push(seq!));
  server.store("r1", "x");
  server.store("r1", "y");
  server.tell();
  expect(got).toEqual([1, 2]);
  expect(reported).toHaveLength(2);
  Reflect.deleteProperty(globalThis, "reportError");
});

test("handlers end by hand and by signal", async () => {
  const { server, client } = await start();
  const got: string[] = [];
  const stop = new AbortController();
  const end = client.on("message.new", () => void got.push("hand"));
  client.on("message.new", () => void got.push("signal"), { signal: stop.signal });
  client.on("message.new", () => void got.push("never"), { signal: AbortSignal.abort() });
  server.store("r1", "1");
  server.tell();
  end();
  stop.abort();
  server.store("r1", "2");
  server.tell();
  expect(got).toEqual(["hand", "signal"]);
});

test("a delivery receipt every 50 events, or after 10 s", async () => {
  const { world, server } = await start({}, ["r1", "r2"]);
  for (let event = 0; event < 50; event++) server.store("r1", "x");
  server.tell();
  const acks = () => world.socket.of("ack").map(({ data }) => (data as { cursors: object }).cursors);
  expect(acks()).toEqual([{ r1: [50, expect.any(String)] }]);
  server.store("r2", "x");
  server.tell();
  await world.advance(9_999);
  expect(acks()).toHaveLength(1);
  await world.advance(1);
  expect(acks()[1]).toEqual({ r2: [1, expect.any(String)] });
});

test("the next life begins where the last one stood", async () => {
  const storage = memoryStorage();
  const { world, server, client } = await start({ storage });
  const [first, second]: [number[], number[]] = [[], []];
  client.on("message.new", ({ seq }) => void first.push(seq!));
  server.store("r1", "1");
  server.tell();
  await world.advance(1_000);
  world.kill();
  server.store("r1", "2");
  const next = make(world, { storage });
  next.on("message.new", ({ seq }) => void second.push(seq!));
  next.connect().catch(() => {});
  await settle();
  expect([first, second]).toEqual([[1], [2]]);
});
