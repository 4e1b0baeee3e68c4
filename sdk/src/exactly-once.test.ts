/** Whatever the network does: every event is delivered once and in order, every queued send is stored once and in order. */

import fc from "fast-check";
import { expect, test } from "vitest";

import type { Fate, Way } from "../test/server.ts";
import { Server } from "../test/server.ts";
import { settle, World } from "../test/world.ts";
import { HubbubClient } from "./client.ts";
import type { ClientStorage } from "./storage.ts";
import { memoryStorage } from "./storage.ts";

const ROOMS = ["r1", "r2"];
const RUNS = { numRuns: Number(process.env["HUBBUB_RUNS"] ?? 300) };

/** One life of a client. */
interface Life {
  client: HubbubClient;
  /** By room, the seqs that a handler got. */
  got: Map<string, number[]>;
}

function live(world: World, storage: ClientStorage, tabs = false): Life {
  const environment = world.environment(tabs ? world.tabs() : {});
  const client = new HubbubClient({ url: "http://hub", storage, environment });
  const got = new Map(ROOMS.map((room) => [room, [] as number[]]));
  client.on("message.new", ({ room, seq }) => void got.get(room!)!.push(seq!));
  client.connect().catch(() => {});
  return { client, got };
}

const way = fc.constantFrom<Way>("arrive", "arrive", "arrive", "miss", "twice");
const room = fc.constantFrom(...ROOMS);

const happening = fc.oneof(
  { weight: 6, arbitrary: fc.record({ is: fc.constant("post" as const), room, isVisible: fc.boolean(), way }) },
  {
    weight: 2,
    arbitrary: fc.record({ is: fc.constant("burst" as const), room, size: fc.integer({ min: 1, max: 250 }) }),
  },
  { weight: 2, arbitrary: fc.record({ is: fc.constant("tell" as const), ways: fc.array(way, { maxLength: 6 }) }) },
  {
    weight: 2,
    arbitrary: fc.record({ is: fc.constant("disconnect" as const), code: fc.constantFrom(1006, 4001, 4100) }),
  },
  { weight: 2, arbitrary: fc.record({ is: fc.constant("wait" as const), ms: fc.constantFrom(0, 100, 400, 11_000) }) },
  { weight: 1, arbitrary: fc.record({ is: fc.constant("reload" as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({ is: fc.constant("fate" as const), fate: fc.constantFrom<Fate>("lose", "cut", "limit") }),
  },
  { weight: 1, arbitrary: fc.record({ is: fc.constant("network" as const), isOnline: fc.boolean() }) },
);

test("each event is delivered once, in order", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(happening, { maxLength: 25 }), async (happenings) => {
      const world = new World();
      const server = new Server(world, ROOMS);
      const storage = memoryStorage();
      const lives = [live(world, storage)];
      // A page that is killed before it wrote where it began has nothing to lose.
      await world.advance(1_000);
      for (const each of happenings) {
        if (each.is === "post") {
          server.store(each.room, "x", each.isVisible);
          server.tell(() => each.way);
        } else if (each.is === "burst") {
          for (let event = 0; event < each.size; event++) server.store(each.room, "x", event % 3 > 0);
        } else if (each.is === "tell") {
          const ways = [...each.ways];
          server.tell(() => ways.shift() ?? "arrive");
        } else if (each.is === "disconnect") server.disconnect(each.code);
        else if (each.is === "wait") await world.advance(each.ms);
        else if (each.is === "fate") server.fates.push(each.fate);
        else if (each.is === "network") {
          server.isReachable = each.isOnline;
          world.signal({ isOnline: each.isOnline });
        } else if (each.is === "reload") {
          world.kill();
          lives.push(live(world, storage));
        }
        await settle(1);
      }
      // The network is well again, and one more event comes everywhere.
      server.fates.length = 0;
      server.isReachable = true;
      world.signal({ isOnline: true });
      await world.advance(60_000);
      server.tell();
      for (const name of ROOMS) server.store(name, "last");
      server.tell();
      await world.advance(60_000);
      for (const name of ROOMS) check(server, name, lives);
      expect(lives.at(-1)!.client.connection.get().phase).toBe("online");
    }),
    RUNS,
  );
}, 120_000);

/** The first life begins at an empty room, so that everything visible has to be delivered by one life or another. */
function check(server: Server, name: string, lives: Life[]): void {
  const visible = server.logs.get(name)!.filter((event) => event.isVisible);
  const seqs = visible.map(({ seq }) => seq);
  let until = 0;
  for (const { got } of lives) {
    const seen = got.get(name)!;
    if (!seen.length) continue;
    const from = seqs.indexOf(seen[0]!);
    // Within a life: exactly the visible ones, each once, none left out.
    expect(seen).toEqual(seqs.slice(from, from + seen.length));
    // Between lives: none left out. One that came just before the page was killed may come again.
    expect(from).toBeLessThanOrEqual(until);
    until = from + seen.length;
  }
  expect(until).toBe(seqs.length);
}

const fate = fc.constantFrom<Fate>("answer", "lose", "silence", "cut", "limit");
const doing = fc.oneof(
  { weight: 6, arbitrary: fc.record({ is: fc.constant("send" as const), room, tab: fc.nat(1) }) },
  { weight: 3, arbitrary: fc.record({ is: fc.constant("wait" as const), ms: fc.constantFrom(0, 50, 1_000, 11_000) }) },
  { weight: 2, arbitrary: fc.record({ is: fc.constant("disconnect" as const), code: fc.constantFrom(1006, 4001) }) },
  { weight: 1, arbitrary: fc.record({ is: fc.constant("reload" as const) }) },
  { weight: 1, arbitrary: fc.record({ is: fc.constant("network" as const), isOnline: fc.boolean() }) },
);

test("each queued send is stored once, in the order of its lane, whichever tab sends it", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(doing, { maxLength: 25 }), fc.array(fate, { maxLength: 20 }), async (doings, fates) => {
      const world = new World();
      const server = new Server(world, ROOMS);
      server.fates.push(...fates);
      const storage = memoryStorage();
      let tabs = [live(world, storage, true), live(world, storage, true)];
      const written = new Map(ROOMS.map((name) => [name, [] as string[]]));
      // Before the first welcome nobody knows whose outbox it is, so nothing of it is stored.
      await world.advance(1_000);
      for (const each of doings) {
        if (each.is === "send") {
          const bodies = written.get(each.room)!;
          const body = `${each.room}/${bodies.push("") - 1}`;
          bodies[bodies.length - 1] = body;
          tabs[each.tab]!.client.enqueue("message.send", { room: each.room, body }, { lane: each.room });
          // Long enough for it to be written: what a killed page had not written yet was never queued.
          await settle();
        } else if (each.is === "wait") await world.advance(each.ms);
        else if (each.is === "disconnect") server.disconnect(each.code);
        else if (each.is === "network") {
          server.isReachable = each.isOnline;
          world.signal({ isOnline: each.isOnline });
        } else {
          world.kill();
          world.forgetTabs();
          tabs = [live(world, storage, true), live(world, storage, true)];
        }
        await settle(1);
      }
      server.fates.length = 0;
      server.isReachable = true;
      world.signal({ isOnline: true });
      await world.advance(120_000);
      for (const name of ROOMS) expect(server.logs.get(name)!.map(({ body }) => body)).toEqual(written.get(name));
      for (const { client } of tabs) expect(client.outbox.items.get()).toEqual([]);
    }),
    RUNS,
  );
}, 120_000);
