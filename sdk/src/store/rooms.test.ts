import { describe, expect, test, vi } from "vitest";

import { FakeClient, ada, bob, message, refusal, room, settled, welcomeRoom } from "../../test/fake-client.ts";
import { createStores } from "./stores.ts";
import { timeOf } from "./rooms-state.ts";

const described = { id: room, name: "general", kind: "channel" as const, topic: "tea", members: 3, joined: true };

function start(...rooms: Parameters<typeof welcomeRoom>[0][]) {
  const client = new FakeClient();
  client.answer("room.get", ({ room: id }) => ({ room: { ...described, id, createdAt: 1, slowModeMs: 0 } }));
  const stores = createStores(client);
  client.online(rooms.map((each) => welcomeRoom(each)));
  const one = (id = room) => stores.rooms.get().find((each) => each.id === id);
  return { client, stores, one };
}

describe("the list", () => {
  test("is what the welcome tells, latest activity first", () => {
    const { stores } = start(
      { id: "old", name: "old", cursor: "01a1fdac-0000-7000-8000-000000000000" },
      { id: "new", name: "new", cursor: "01a1fdad-0000-7000-8000-000000000000" },
      { id: "peer", name: "bob", kind: "direct", peer: bob.id, cursor: "01a1fdab-0000-7000-8000-000000000000" },
    );
    expect(stores.rooms.get().map((each) => each.name)).toEqual(["new", "old", "bob"]);
    expect(stores.rooms.get()[2]).toMatchObject({ kind: "direct", peer: bob.id });
    expect(timeOf("01a1fdac-4e87-7069-8390-94dfefcae3ee")).toBe(1_795_257_290_375);
    expect(timeOf("")).toBeUndefined();
  });

  test("a message moves its room up, counts, and shows", () => {
    const late = Date.UTC(2040, 0);
    const { client, stores, one } = start({ id: "other", name: "other" }, { head: 4, read: 4 });
    client.posts(5, { at: late, mentions: [ada.id] });
    expect(stores.rooms.get()[0]).toMatchObject({ id: room, unread: 1, mentions: 1, head: 5, preview: "text 5" });
    client.posts(6, { at: late + 1, author: ada });
    client.posts(7, { at: late + 2, thread: "m1" });
    expect(one()).toMatchObject({ unread: 1, preview: "text 6", lastAt: late + 1 });
    client.tell("message.edited", { at: 1, message: "m6", body: "better", rev: 2, mentions: [] }, 8);
    expect(one()?.preview).toBe("better");
    client.tell("message.deleted", { at: 1, message: "m5", by: bob }, 9);
    expect(one()).toMatchObject({ unread: 0, mentions: 0 });
  });

  test("the server's count is the truth, with what came after it", () => {
    const { client, one } = start({ head: 4, read: 4 });
    client.posts(5);
    client.posts(6);
    client.feed("room.counter", { at: 1, room, read: 5, unread: 0, mentions: 0, head: 5 });
    expect(one()).toMatchObject({ unread: 1, read: 5 });
    client.online([welcomeRoom({ head: 9, read: 5, unread: 3, mentions: 2 })]);
    client.connection.set({ phase: "recovering" });
    client.online([welcomeRoom({ head: 9, read: 5, unread: 3, mentions: 2 })]);
    expect(one()).toMatchObject({ unread: 3, mentions: 2, head: 9 });
  });

  test("roles, names, mutes and farewells", () => {
    const { client, one } = start({});
    client.tell("room.updated", { at: 1, name: "renamed", topic: "new", slowModeMs: 10 });
    client.tell("room.roleChanged", { at: 1, user: ada, role: "moderator" });
    client.feed("mod.muted", { at: 1, room, until: 77 });
    expect(one()).toMatchObject({ name: "renamed", topic: "new", slowModeMs: 10, role: "moderator", mutedUntil: 77 });
    client.feed("mod.unmuted", { at: 1, room });
    expect(one()?.muted).toBe(false);
    client.tell("room.memberLeft", { at: 1, user: bob, reason: "left" });
    expect(one()).toBeDefined();
    client.tell("room.memberLeft", { at: 1, user: ada, reason: "kicked" });
    expect(one()).toBeUndefined();
  });

  test("a room that someone else opened is asked for, and nothing of it is lost", async () => {
    const { client, stores, one } = start();
    client.tell("room.created", { at: 1, name: "", kind: "direct", by: bob }, 1);
    client.posts(2);
    client.posts(3);
    await settled();
    expect(client.count("room.get")).toBe(1);
    expect(one()).toMatchObject({ topic: "tea", unread: 2, preview: "text 3" });
    client.answer("room.get", () => {
      throw refusal("ROOM_NOT_FOUND");
    });
    client.emit({ type: "message.new", room: "gone", stream: "gone", seq: 1, data: message(1, { room: "gone" }) });
    await settled();
    expect(stores.rooms.get()).toHaveLength(1);
  });
});

describe("what one does", () => {
  test("joining, making, opening and leaving are in the list at once", async () => {
    const { client, stores, one } = start();
    const told = { ...described, createdAt: 1, slowModeMs: 0 };
    client.answer("room.join", () => ({ room: told, head: 7, cursor: "", messages: [], members: [] }));
    client.answer("room.create", () => ({ room: { ...told, id: "mine", name: "mine" } }));
    client.answer("dm.open", () => {
      const counter = { read: 1, unread: 2, mentions: 0, head: 3 };
      return { room: { ...told, id: "d", name: "bob", kind: "direct", peer: bob.id }, head: 3, cursor: "", counter };
    });
    client.answer("room.leave", () => ({}));
    expect((await stores.roomCommands.join("#general")).head).toBe(7);
    expect(one()).toMatchObject({ head: 7, read: 7, unread: 0, members: 3 });
    await stores.roomCommands.create({ name: "mine" });
    expect(one("mine")).toMatchObject({ role: "owner" });
    await stores.roomCommands.openDirect(bob.id);
    expect(one("d")).toMatchObject({ unread: 2, peer: bob.id });
    await stores.roomCommands.leave(room);
    expect(one()).toBeUndefined();
    client.answer("invite.accept", () => {
      throw refusal("INVITE_INVALID");
    });
    await expect(stores.roomCommands.acceptInvite("x")).rejects.toMatchObject({ reason: "INVITE_INVALID" });
  });

  test("reading is shown at once, with one question at a time, the last one counts", async () => {
    const { client, stores, one } = start({ head: 9, read: 1, unread: 8 });
    const answers: ((counter: { read: number; unread: number; mentions: number; head: number }) => void)[] = [];
    client.answer("read.mark", () => new Promise((resolve) => answers.push(resolve)));
    const { actions } = stores.room(room);
    for (const seq of [3, 5, 9, 9, 4]) actions.markRead(seq);
    expect(one()).toMatchObject({ read: 9, unread: 0 });
    expect(client.count("read.mark")).toBe(1);
    answers[0]?.({ read: 3, unread: 6, mentions: 0, head: 9 });
    await settled();
    expect(client.asked.filter(({ type }) => type === "read.mark").map(({ data }) => data)).toEqual([
      { room, seq: 3 },
      { room, seq: 9 },
    ]);
    answers[1]?.({ read: 9, unread: 0, mentions: 0, head: 9 });
    await settled();
    expect(one()).toMatchObject({ read: 9, unread: 0 });
    actions.markRead(9);
    expect(client.count("read.mark")).toBe(2);
  });
});

describe("beside the timeline", () => {
  test("members come by pages and follow events", async () => {
    const { client, stores, one } = start({});
    const pages = [1, 2, 3, 4].map((page) => ({ id: `u${page}`, name: `u${page}`, role: "member" as const }));
    client.answer("room.members", ({ page }) => {
      const at = Number(page ?? 0);
      const own = { ...ada, role: "moderator" as const };
      return {
        members: [pages[at], at === 1 ? own : pages[0]].flatMap((each) => each ?? []),
        ...(at < 3 && { next: `${at + 1}` }),
      };
    });
    const { members } = stores.room(room);
    expect(client.count("room.members")).toBe(0);
    members.subscribe(() => {});
    await settled();
    expect(members.get().map((each) => each.id)).toEqual(["u1", "u2", ada.id, "u3"]);
    expect(one()?.role).toBe("moderator");
    expect(await members.loadMore()).toBe(false);
    expect(members.get().map((each) => each.id)).toContain("u4");
    client.tell("room.memberJoined", { at: 1, user: { id: "x", name: "x" }, role: "member" });
    client.tell("room.roleChanged", { at: 1, user: { id: "x", name: "x" }, role: "owner" });
    client.tell("room.memberLeft", { at: 1, user: { id: "u1", name: "u1" }, reason: "left" });
    expect(members.get().map((each) => `${each.id} ${each.role}`)).toEqual([
      "u2 member",
      `${ada.id} moderator`,
      "u3 member",
      "u4 member",
      "x owner",
    ]);
  });

  test("a refused list is not asked for again and again; one that may pass is", async () => {
    vi.useFakeTimers();
    const { client, stores } = start({});
    const busy = Object.assign(refusal("UPSTREAM_UNAVAILABLE"), { retry: true });
    client.answer("message.pins", () => {
      throw busy;
    });
    client.answer("read.list", () => {
      throw refusal("NOT_A_MEMBER");
    });
    const { pins, receipts } = stores.room(room);
    pins.subscribe(() => {});
    receipts.subscribe(() => {});
    await vi.advanceTimersByTimeAsync(500);
    client.answer("message.pins", () => ({ messages: [message(1)] }));
    await vi.advanceTimersByTimeAsync(5_000);
    expect(pins.get()).toHaveLength(1);
    expect(client.count("read.list")).toBe(1);
    vi.useRealTimers();
  });

  test("threads count what is said and read", async () => {
    const { client, stores } = start({});
    client.answer("thread.list", () => ({ threads: [] }));
    client.answer("read.mark", ({ seq }) => ({ read: seq, unread: 0, mentions: 0, head: seq }));
    const { threads, actions } = stores.room(room);
    threads.subscribe(() => {});
    await settled();
    client.tell("thread.created", { at: 1, thread: "t", title: "lunch", by: bob }, 4);
    client.posts(5, { thread: "t" });
    client.posts(6, { thread: "m1" });
    expect(threads.get().map(({ id, unread, messages }) => [id, unread, messages])).toEqual([
      ["m1", 1, 1],
      ["t", 1, 1],
    ]);
    actions.markRead(5, "t");
    expect(threads.get()[1]).toMatchObject({ read: 5, unread: 0 });
    await settled();
    actions.markRead(5, "t");
    expect(client.count("read.mark")).toBe(1);
    client.feed("room.counter", { at: 1, room, thread: "m1", read: 6, unread: 0, mentions: 0, head: 6 });
    expect(threads.get()[0]).toMatchObject({ unread: 0, read: 6 });
  });

  test("pins are shown at once, and those of others are asked for", async () => {
    const { client, stores } = start({});
    client.answer("message.pins", () => ({ messages: [] }));
    client.answer("history.get", () => ({ messages: [message(1)], more: false }));
    client.answer("message.get", () => ({ message: message(9) }));
    client.answer("message.pin", () => {
      throw refusal("QUOTA");
    });
    const store = stores.room(room);
    store.pins.subscribe(() => {});
    store.timeline().subscribe(() => {});
    await settled();
    const pinning = store.actions.pin("m1", true);
    expect(store.pins.get().map((pin) => pin.message)).toEqual(["m1"]);
    expect(await pinning).toMatchObject({ reason: "QUOTA" });
    expect(store.pins.get()).toEqual([]);
    client.tell("message.pinned", { at: 1, message: "m9", on: true, by: bob });
    await settled();
    expect(store.pins.get().map((pin) => pin.message)).toEqual(["m9"]);
    client.tell("message.pinned", { at: 1, message: "m9", on: false, by: bob });
    expect(store.pins.get()).toEqual([]);
  });

  test("receipts only go forward", async () => {
    const { client, stores } = start({});
    client.answer("read.list", () => ({ receipts: [{ user: bob.id, read: 4, delivered: 6 }] }));
    const { receipts } = stores.room(room);
    receipts.subscribe(() => {});
    await settled();
    for (const seq of [5, 3]) client.emit({ type: "read.updated", room, data: { user: bob.id, seq } });
    client.emit({ type: "read.updated", room, data: { user: "new", seq: 2 } });
    expect(receipts.get()).toEqual([
      { user: bob.id, read: 5, delivered: 6 },
      { user: "new", read: 2, delivered: 2 },
    ]);
  });

  test("who writes is named, and forgotten in time", async () => {
    vi.useFakeTimers();
    const { client, stores } = start({});
    client.answer("user.list", () => ({ users: [{ id: "x", name: "xenia" }] }));
    client.answer("typing", () => ({}));
    const { typing, actions } = stores.room(room);
    typing.subscribe(() => {});
    client.emit({ type: "typing", room, data: { user: "x", until: Date.now() + 60_000 } });
    client.emit({ type: "typing", room, data: { user: ada.id, until: Date.now() + 60_000 } });
    await vi.advanceTimersByTimeAsync(100);
    expect(typing.get()).toEqual([{ id: "x", name: "xenia" }]);
    await vi.advanceTimersByTimeAsync(6_000);
    expect(typing.get()).toEqual([]);
    client.emit({ type: "typing", room, data: { user: "x", until: Date.now() + 3_000 } });
    client.posts(5, { author: { id: "x", name: "xenia" } });
    expect(typing.get()).toEqual([]);
    for (let key = 0; key < 5; key += 1) actions.typing(true);
    actions.typing(false);
    actions.typing(false);
    expect(client.asked.filter(({ type }) => type === "typing").map(({ data }) => data)).toEqual([
      { room, on: true },
      { room, on: false },
    ]);
    vi.useRealTimers();
  });
});
