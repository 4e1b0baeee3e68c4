import { describe, expect, test, vi } from "vitest";

import type { Notification, PresenceOf } from "../gen/protocol.ts";
import { FakeClient, ada, bob, refusal, settled, welcomeRoom } from "../../test/fake-client.ts";
import type { Answers } from "../gen/protocol.ts";
import { createStores } from "./stores.ts";

const eve = { id: "eve-id", name: "eve" };
const request = (user: typeof eve) => ({ user, note: "", at: 1 });

function start() {
  const client = new FakeClient();
  client.answer("friend.list", ({ page }) =>
    page
      ? { friends: [eve], incoming: [request(bob)], outgoing: [] }
      : { friends: [], incoming: [request(bob)], outgoing: [], next: "2" },
  );
  client.answer("block.list", () => ({ blocks: [] }));
  const stores = createStores(client);
  client.online();
  return { client, stores };
}

const note = (id: string, read = false): Notification => ({
  id,
  kind: "mention",
  title: "t",
  body: "b",
  data: {},
  at: 1,
  read,
});

describe("friends", () => {
  test("are loaded when they are first shown, and follow events", async () => {
    const { client, stores } = start();
    expect(stores.friends.get().loaded).toBe(false);
    expect(client.count("friend.list")).toBe(0);
    stores.friends.subscribe(() => {});
    await settled();
    expect(stores.friends.get()).toEqual({ friends: [eve], incoming: [request(bob)], outgoing: [], loaded: true });
    client.feed("friend.accepted", { at: 2, user: bob });
    expect(stores.friends.get()).toMatchObject({ friends: [bob, eve], incoming: [] });
    client.feed("friend.removed", { at: 3, user: eve });
    client.feed("friend.requested", { at: 4, from: eve, note: "again" });
    expect(stores.friends.get()).toMatchObject({ friends: [bob], incoming: [{ user: eve, note: "again", at: 4 }] });
    client.feed("friend.sent", { at: 5, user: { id: "z", name: "z" } });
    client.feed("friend.cancelled", { at: 6, user: eve });
    expect(stores.friends.get()).toMatchObject({ incoming: [], outgoing: [{ user: { id: "z" } }] });
  });

  test("what happens while they are loaded is not lost", async () => {
    const { client, stores } = start();
    let answer: (friends: Answers["friend.list"]) => void = () => {};
    client.answer("friend.list", () => new Promise((resolve) => (answer = resolve)));
    stores.friends.subscribe(() => {});
    client.feed("friend.accepted", { at: 2, user: bob });
    answer({ friends: [eve], incoming: [], outgoing: [] });
    await settled();
    expect(stores.friends.get().friends).toEqual([bob, eve]);
  });

  test("changes are shown at once, and taken back with the reason", async () => {
    const { client, stores } = start();
    stores.friends.subscribe(() => {});
    await settled();
    const told: string[] = [];
    stores.failures.subscribe(({ what, reason }) => told.push(`${what} ${reason}`));
    client.answer("friend.accept", () => {
      throw refusal("REQUEST_NOT_FOUND");
    });
    const accepting = stores.people.accept(bob.id);
    expect(stores.friends.get()).toMatchObject({ friends: [bob, eve], incoming: [] });
    expect(await accepting).toMatchObject({ reason: "REQUEST_NOT_FOUND" });
    expect(stores.friends.get()).toMatchObject({ friends: [eve], incoming: [request(bob)] });
    expect(told).toEqual(["friend.accept REQUEST_NOT_FOUND"]);

    client.answer("friend.request", () => ({ state: "pending", user: { id: "real", name: "zoe" } }));
    const asking = stores.people.request("@zoe", "hi");
    expect(stores.friends.get().outgoing[0]).toMatchObject({ user: { name: "zoe" }, note: "hi" });
    expect(await asking).toBeNull();
    expect(stores.friends.get().outgoing).toMatchObject([{ user: { id: "real" } }]);
    client.feed("friend.sent", { at: 5, user: { id: "real", name: "zoe" } });
    expect(stores.friends.get().outgoing).toHaveLength(1);
  });

  test("requests that cross make friends; declining, cancelling and removing part", async () => {
    const { client, stores } = start();
    stores.friends.subscribe(() => {});
    await settled();
    client.answer("friend.request", () => ({ state: "friends", user: bob }));
    expect(await stores.people.request(bob.id)).toBeNull();
    expect(stores.friends.get()).toMatchObject({ friends: [bob, eve], incoming: [] });
    for (const type of ["friend.decline", "friend.cancel", "friend.remove"] as const) client.answer(type, () => ({}));
    await stores.people.remove(bob.id);
    await stores.people.decline(eve.id);
    await stores.people.cancel(eve.id);
    expect(stores.friends.get().friends).toEqual([]);
  });

  test("a hole in the feed loads everything of it anew", async () => {
    const { client, stores } = start();
    stores.friends.subscribe(() => {});
    await settled();
    client.answer("friend.list", () => ({ friends: [bob], incoming: [], outgoing: [] }));
    client.reset(ada.id);
    await settled();
    expect(stores.friends.get().friends).toEqual([bob]);
  });
});

describe("blocks, settings, notifications", () => {
  test("blocking parts from friends", async () => {
    const { client, stores } = start();
    stores.friends.subscribe(() => {});
    stores.blocks.subscribe(() => {});
    await settled();
    client.answer("block.add", () => ({ user: eve }));
    client.answer("block.remove", () => ({ user: eve }));
    const blocking = stores.people.block(eve.id, true);
    expect(stores.blocks.get()).toMatchObject([{ user: eve, mutual: true }]);
    await blocking;
    client.feed("block.updated", { at: 7, user: eve, blocked: true, mutual: true });
    expect(stores.blocks.get()).toEqual([{ user: eve, mutual: true, at: 7 }]);
    expect(stores.friends.get().friends).toEqual([]);
    await stores.people.unblock(eve.id);
    expect(stores.blocks.get()).toEqual([]);
  });

  test("settings and one's own status", async () => {
    const { client, stores } = start();
    client.answer("settings.get", () => ({ settings: { directFrom: "friends" } }));
    client.answer("settings.update", ({ directFrom = "friends" }) => ({ settings: { directFrom } }));
    client.answer("presence.set", () => ({}));
    stores.settings.subscribe(() => {});
    await settled();
    expect(stores.settings.get()).toEqual({ directFrom: "friends" });
    const setting = stores.people.setDirectFrom("anyone");
    expect(stores.settings.get()).toEqual({ directFrom: "anyone" });
    expect(await setting).toBeNull();
    client.feed("settings.updated", { at: 1, directFrom: "shared" });
    expect(stores.settings.get()).toEqual({ directFrom: "shared" });
    expect(await stores.people.setPresence({ status: "dnd", text: "busy" })).toBeNull();
    expect(stores.ownPresence.get()).toEqual({ status: "dnd", text: "busy" });
    client.feed("presence.updated", { at: 1, status: "online" });
    expect(stores.ownPresence.get()).toEqual({ status: "online" });
  });

  test("notifications: new, read here, read elsewhere, more", async () => {
    const { client, stores } = start();
    client.answer("notify.list", ({ page }) =>
      page ? { notifications: [note("c", true)] } : { notifications: [note("b"), note("a", true)], next: "2" },
    );
    client.answer("notify.read", ({ ids }) => ({ unread: ids.length ? 1 : 0 }));
    stores.notifications.subscribe(() => {});
    await settled();
    expect(stores.notifications.get()).toMatchObject({ unread: 1, more: true, loaded: true });
    client.feed("notify.new", { at: 1, kind: "mention", title: "t", body: "b", data: {} });
    const [first] = stores.notifications.get().items;
    expect(stores.notifications.get().unread).toBe(2);
    const reading = stores.people.readNotifications([first?.id ?? ""]);
    expect(stores.notifications.get()).toMatchObject({ unread: 1, items: [{ read: true }, { read: false }, {}] });
    expect(await reading).toBeNull();
    client.feed("notify.updated", { at: 1, ids: ["b"], unread: 0 });
    expect(stores.notifications.get()).toMatchObject({ unread: 0, items: [{ read: true }, { read: true }, {}] });
    await stores.people.moreNotifications();
    expect(stores.notifications.get()).toMatchObject({ more: false, items: [{}, {}, {}, { id: "c" }] });
    await stores.people.readNotifications();
    expect(stores.notifications.get().unread).toBe(0);
  });
});

describe("presence and names", () => {
  test("one question for all who are shown, again after a reconnect, never more than 200", async () => {
    vi.useFakeTimers();
    const { client, stores } = start();
    const of = (users: readonly string[]): PresenceOf[] => users.map((user) => ({ user, status: "online" }));
    client.answer("presence.watch", (data) => {
      const users = "users" in data ? data.users : [];
      return { users: of(users), count: users.length };
    });
    const stops = [bob.id, eve.id].map((user) => stores.presence(user).subscribe(() => {}));
    await vi.advanceTimersByTimeAsync(100);
    const asked = () => client.asked.filter(({ type }) => type === "presence.watch").map(({ data }) => data);
    expect(asked()).toEqual([{ users: [bob.id, eve.id] }]);
    expect(stores.presence(bob.id).get()?.status).toBe("online");
    client.emit({ type: "presence.changed", data: { user: bob.id, status: "away" } });
    expect(stores.presence(bob.id).get()?.status).toBe("away");
    // Shown again: they are watched still.
    stops[0]?.();
    stores.presence(bob.id).subscribe(() => {});
    await vi.advanceTimersByTimeAsync(100);
    expect(asked()).toHaveLength(1);
    client.offline();
    client.online([welcomeRoom()]);
    await vi.advanceTimersByTimeAsync(100);
    expect(asked()).toHaveLength(2);
    for (let at = 0; at < 250; at += 1) stores.presence(`u${at}`).subscribe(() => {});
    await vi.advanceTimersByTimeAsync(100);
    const last = asked().at(-1) as { users: string[] };
    expect(last.users).toHaveLength(200);
    expect(last.users.at(-1)).toBe("u249");
    vi.useRealTimers();
  });

  test("names are asked for once, together, and learnt from events", async () => {
    vi.useFakeTimers();
    const { client, stores } = start();
    client.answer("user.list", ({ users }) => ({ users: users.map((id) => ({ id, name: `${id}!` })) }));
    client.posts(5, { author: eve });
    for (const user of ["x", "y", eve.id]) stores.person(user).subscribe(() => {});
    await vi.advanceTimersByTimeAsync(100);
    expect(client.asked.filter(({ type }) => type === "user.list")).toEqual([
      { type: "user.list", data: { users: ["x", "y"] } },
    ]);
    expect(["x", eve.id].map((user) => stores.person(user).get()?.name)).toEqual(["x!", "eve"]);
    vi.useRealTimers();
  });
});

describe("the cache", () => {
  test("friends and notifications are there without a network, for this user alone", async () => {
    vi.useFakeTimers();
    const { client, stores } = start();
    client.answer("notify.list", () => ({ notifications: [note("a")] }));
    stores.friends.subscribe(() => {});
    stores.notifications.subscribe(() => {});
    await vi.advanceTimersByTimeAsync(2_000);
    const again = new FakeClient();
    for (const [key, value] of client.rows) again.rows.set(key, value);
    again.me.set(ada);
    const offline = createStores(again);
    offline.friends.subscribe(() => {});
    offline.notifications.subscribe(() => {});
    await vi.advanceTimersByTimeAsync(10);
    expect(offline.friends.get()).toMatchObject({ friends: [eve] });
    expect(offline.notifications.get()).toMatchObject({ unread: 1 });
    again.me.set({ id: "someone", name: "else", role: "USER" });
    await vi.advanceTimersByTimeAsync(10);
    expect(offline.friends.get()).toMatchObject({ friends: [], loaded: false });
    expect(offline.rooms.get()).toEqual([]);
    vi.useRealTimers();
  });

  test("what changed the moment before is kept when the page goes, or the network", async () => {
    for (const way of ["page", "network"] as const) {
      vi.useFakeTimers();
      const page = new EventTarget();
      vi.stubGlobal("addEventListener", page.addEventListener.bind(page));
      const { client, stores } = start();
      stores.friends.subscribe(() => {});
      await vi.advanceTimersByTimeAsync(100);
      expect([...client.rows.values()].some((row) => JSON.stringify(row).includes(eve.id))).toBe(false);
      if (way === "network") client.offline();
      else page.dispatchEvent(new Event("pagehide"));
      await vi.advanceTimersByTimeAsync(0);
      expect([...client.rows.values()].some((row) => JSON.stringify(row).includes(eve.id))).toBe(true);
      vi.unstubAllGlobals();
      vi.useRealTimers();
    }
  });

  test("nothing is written after a log-out, and a storage that fails harms nothing", async () => {
    vi.useFakeTimers();
    const { client, stores } = start();
    stores.friends.subscribe(() => {});
    await vi.advanceTimersByTimeAsync(100);
    client.me.set(null);
    client.rows.clear();
    await vi.advanceTimersByTimeAsync(2_000);
    expect([...client.rows.keys()]).toEqual([]);
    client.storage.put = () => Promise.reject(new Error("full"));
    client.storage.get = () => Promise.reject(new Error("closed"));
    client.online();
    await vi.advanceTimersByTimeAsync(2_000);
    expect(stores.rooms.get()).toHaveLength(1);
    stores.close();
    vi.useRealTimers();
  });
});
