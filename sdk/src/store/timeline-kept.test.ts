import { describe, expect, test, vi } from "vitest";

import { FakeClient, ada, message, room, settled, welcomeRoom } from "../../test/fake-client.ts";
import { bodies, opened, seqs } from "../../test/opened.ts";
import { createStores } from "./stores.ts";

describe("memory", () => {
  test("a closed timeline is cut down, and lives on", async () => {
    vi.useFakeTimers();
    const { client, timeline, stop } = await opened(400);
    for (let page = 0; page < 6; page += 1) await timeline.loadOlder();
    expect(timeline.get().items).toHaveLength(350);
    stop();
    await vi.advanceTimersByTimeAsync(31_000);
    expect(timeline.get().items).toHaveLength(200);
    client.posts(401);
    expect(seqs(timeline).at(-1)).toBe(401);
    const asked = client.count("history.get");
    timeline.subscribe(() => {});
    await vi.advanceTimersByTimeAsync(10);
    expect(client.count("history.get")).toBe(asked);
    expect(timeline.get().hasOlder).toBe(true);
    vi.useRealTimers();
  });

  test("not more than 30 of them are kept", async () => {
    vi.useFakeTimers();
    const { client, stores } = await opened(0);
    const rooms = Array.from({ length: 35 }, (_, at) => welcomeRoom({ id: `x${at}`, name: `x${at}` }));
    client.welcome.set(null);
    client.online(rooms);
    client.answer("history.get", ({ room: id }) => ({ messages: [message(1, { room: id })], more: false }));
    for (const { id } of rooms) {
      const stop = stores
        .room(id)
        .timeline()
        .subscribe(() => {});
      await vi.advanceTimersByTimeAsync(1);
      stop();
    }
    await vi.advanceTimersByTimeAsync(40_000);
    const kept = rooms.filter(({ id }) => stores.room(id).timeline().get().items.length > 0);
    expect(kept).toHaveLength(30);
    vi.useRealTimers();
  });
});

describe("without a network", () => {
  test("the latest rooms are loaded ahead, one after the other", async () => {
    vi.useFakeTimers();
    const client = new FakeClient();
    client.answer("history.get", ({ room: id }) => ({ messages: [message(1, { room: id })], more: false }));
    const stores = createStores(client, { warmRooms: 2 });
    client.online(["a", "b", "c"].map((id) => welcomeRoom({ id, name: id })));
    await vi.advanceTimersByTimeAsync(2_100);
    expect(client.count("history.get")).toBe(1);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(client.count("history.get")).toBe(2);
    expect(stores.rooms.get().map((each) => each.preview)).toEqual(["text 1", "text 1", undefined]);
    expect([...client.rows.keys()].sort()).toEqual(
      ["kept", "room:a", "room:b", "rooms"].map((key) => `${ada.id}:${key}`),
    );
    const timeline = stores.room("a").timeline();
    timeline.subscribe(() => {});
    expect(timeline.get().items).toHaveLength(1);
    expect(client.count("history.get")).toBe(2);
    vi.useRealTimers();
  });

  test("a reload shows what was there, and then reads it again", async () => {
    vi.useFakeTimers();
    const { client, timeline, all } = await opened(120);
    await timeline.loadOlder();
    await vi.advanceTimersByTimeAsync(1_000);
    const again = new FakeClient();
    for (const [key, value] of client.rows) again.rows.set(key, value);
    again.me.set(ada);
    const stores = createStores(again);
    const shown = stores.room(room).timeline();
    shown.subscribe(() => {});
    await settled();
    expect(shown.get().loading).toBeNull();
    expect(seqs(shown)).toEqual(seqs(timeline));
    expect(stores.rooms.get()[0]).toMatchObject({ name: "general", preview: "text 120" });

    all[80] = message(81, { body: "changed meanwhile" });
    all[30] = message(31, { body: "changed long ago" });
    again.answer("history.get", ({ before, limit = 50 }) => {
      const rest = all.filter((each) => each.seq < (before ?? Infinity));
      return { messages: rest.slice(-limit), more: rest.length > limit };
    });
    again.online([welcomeRoom({ head: 120, read: 120 })]);
    await settled();
    expect(shown.get().items).toHaveLength(120);
    expect(bodies(shown)[80]).toBe("changed meanwhile");
    expect(bodies(shown)[30]).toBe("changed long ago");
    vi.useRealTimers();
  });

  test("after a log-out nothing is left", async () => {
    const { client, timeline, stores } = await opened(3);
    client.me.set(null);
    expect(timeline.get().items).toEqual([]);
    expect(stores.rooms.get()).toEqual([]);
  });
});
