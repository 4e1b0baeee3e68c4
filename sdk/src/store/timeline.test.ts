import { describe, expect, test, vi } from "vitest";

import { FakeClient, ada, bob, message, refusal, room, settled } from "../../test/fake-client.ts";
import { bodies, opened, seqs } from "../../test/opened.ts";
import { createStores } from "./stores.ts";
import type { Page } from "./timeline-state.ts";

describe("pages", () => {
  test("the newest page comes first, older ones on demand", async () => {
    const { timeline } = await opened(120);
    expect(seqs(timeline).slice(0, 2)).toEqual([71, 72]);
    expect(timeline.get()).toMatchObject({ hasOlder: true, hasNewer: false, loading: null, dividerSeq: null });
    const loading = timeline.loadOlder();
    expect(timeline.get().loading).toBe("older");
    await loading;
    await timeline.loadOlder();
    expect(timeline.get().hasOlder).toBe(false);
    expect(seqs(timeline)).toEqual(Array.from({ length: 120 }, (_, at) => at + 1));
  });

  test("with much unread it begins around it, and what comes meanwhile waits for its page", async () => {
    const { client, timeline, all } = await opened(300, { read: 100, unread: 200 });
    expect(timeline.get()).toMatchObject({ hasOlder: true, hasNewer: true, dividerSeq: 100 });
    expect(seqs(timeline)).toContain(101);
    all.push(message(301));
    client.posts(301);
    expect(seqs(timeline)).not.toContain(301);
    while (timeline.get().hasNewer) await timeline.loadNewer();
    expect(seqs(timeline).at(-1)).toBe(301);
    client.posts(302);
    expect(seqs(timeline).slice(-2)).toEqual([301, 302]);
  });

  test("jumps to a message, a seq, a time, and back", async () => {
    const { timeline } = await opened(400);
    const index = await timeline.jumpTo({ message: "m20" });
    expect(timeline.get().items[index]?.message).toBe("m20");
    expect(timeline.get().hasNewer).toBe(true);
    const seqAt = (found: number) => timeline.get().items[found]?.seq;
    expect(seqAt(await timeline.jumpTo({ seq: 200 }))).toBe(200);
    expect(seqAt(await timeline.jumpTo({ at: 1_090 }))).toBe(90);
    expect(await timeline.jumpTo({ message: "nowhere" })).toBe(-1);
    await timeline.toLatest();
    expect(seqs(timeline).at(-1)).toBe(400);
    expect(seqAt(await timeline.jumpTo({ at: 9_000 }))).toBe(400);
  });

  test("a refused page is told and can be asked for again", async () => {
    const { client, timeline } = await opened(120);
    client.answer("history.get", () => {
      throw refusal("NOT_A_MEMBER", "you are not in this room");
    });
    await timeline.loadOlder();
    expect(timeline.get()).toMatchObject({ loading: null, error: "you are not in this room" });
    client.answer("history.get", () => ({ messages: [message(70)], more: false }));
    await timeline.loadOlder();
    expect(timeline.get().error).toBeUndefined();
    expect(seqs(timeline)[0]).toBe(70);
  });

  test("a refused first page can be asked for again", async () => {
    const client = new FakeClient();
    client.answer("history.get", () => {
      throw refusal("INTERNAL", "failed");
    });
    const timeline = createStores(client).room(room).timeline();
    timeline.subscribe(() => {});
    expect(timeline.get().loading).toBe("first");
    client.online();
    await settled();
    expect(timeline.get()).toMatchObject({ loading: null, error: "failed" });
    client.answer("history.get", () => ({ messages: [message(1)], more: false }));
    await timeline.toLatest();
    await settled();
    expect(seqs(timeline)).toEqual([1]);
  });

  test("an event that comes while a page is on its way is not lost", async () => {
    const { client, timeline } = await opened(60);
    let answer: (page: Page) => void = () => {};
    client.answer("history.get", () => new Promise((resolve) => (answer = resolve)));
    const loading = timeline.loadOlder();
    client.tell("message.edited", { at: 9, message: "m5", body: "new", rev: 2, mentions: [] });
    answer({ messages: Array.from({ length: 10 }, (_, at) => message(at + 1)), more: false });
    await loading;
    expect(bodies(timeline)[4]).toBe("new");
  });

  test("a reset replaces what is known; older answers are worthless", async () => {
    const { client, timeline, all } = await opened(60);
    all.splice(0, all.length, message(500), message(501));
    client.reset(room);
    await settled();
    expect(seqs(timeline)).toEqual([500, 501]);
  });

  test("blocking someone reads the room again", async () => {
    const { client, timeline, all } = await opened(3);
    all.splice(1, 1);
    client.feed("block.updated", { at: 1, user: bob, blocked: true, mutual: false });
    await settled();
    expect(seqs(timeline)).toEqual([1, 3]);
  });
});

describe("events", () => {
  test("new, edited, reacted, deleted, hidden", async () => {
    const { client, timeline } = await opened(3);
    client.posts(4, { body: "four" });
    client.tell("message.edited", { at: 9, message: "m1", body: "one", rev: 2, mentions: [] });
    client.tell("reaction.changed", { at: 9, message: "m2", emoji: "👍", user: ada, on: true, count: 2 });
    client.tell("message.deleted", { at: 9, message: "m3", by: bob });
    expect(bodies(timeline)).toEqual(["one", "text 2", "", "four"]);
    expect(timeline.get().items[1]?.reactions).toEqual([{ emoji: "👍", count: 2, own: true }]);
    expect(timeline.get().items[2]?.deleted).toBe(true);
    client.feed("message.hidden", { at: 9, room, message: "m2" });
    expect(seqs(timeline)).toEqual([1, 3, 4]);
  });

  test("a thread has its own timeline", async () => {
    const { client, store, timeline, all } = await opened(2);
    all.push(message(3, { thread: "m1" }));
    const thread = store.timeline("m1");
    thread.subscribe(() => {});
    await settled();
    expect(seqs(thread)).toEqual([3]);
    client.posts(4, { thread: "m1" });
    client.posts(5);
    expect(seqs(thread)).toEqual([3, 4]);
    expect(seqs(timeline)).toEqual([1, 2, 5]);
    expect(store.timeline("m1")).toBe(thread);
  });
});

describe("own messages", () => {
  test("are there in the same tick, and stay the same bubble", async () => {
    const { client, store, timeline } = await opened(2);
    const pending = store.actions.send("hello");
    const drafted = timeline.get().items.at(-1);
    expect(drafted).toMatchObject({ body: "hello", status: "pending", author: ada, seq: Infinity, key: pending.key });
    client.acknowledge(pending.key, { message: "m3", room, seq: 3, at: 9 });
    expect(bodies(timeline)).toEqual(["text 1", "text 2", "hello"]);
    await pending;
    await settled();
    expect(timeline.get().items.at(-1)).toMatchObject({ id: drafted?.id, seq: 3, status: "sent", message: "m3" });
    client.posts(3, { author: ada, key: pending.key, body: "hello" });
    expect(bodies(timeline)).toEqual(["text 1", "text 2", "hello"]);
  });

  test("the echo may come before the answer", async () => {
    const { client, store, timeline } = await opened(2);
    const pending = store.actions.send("hello");
    const id = timeline.get().items.at(-1)?.id;
    client.posts(3, { author: ada, key: pending.key, body: "hello" });
    expect(timeline.get().items.map((item) => [item.seq, item.status])).toEqual([
      [1, "sent"],
      [2, "sent"],
      [3, "sent"],
    ]);
    client.acknowledge(pending.key, { message: "m3", room, seq: 3, at: 9 });
    await settled();
    expect(timeline.get().items).toHaveLength(3);
    expect(timeline.get().items.at(-1)?.id).toBe(id);
  });

  test("an answer may overtake events of others", async () => {
    const { client, store, timeline } = await opened(2);
    const pending = store.actions.send("mine");
    client.acknowledge(pending.key, { message: "m4", room, seq: 4, at: 9 });
    await settled();
    client.posts(3);
    client.posts(4, { author: ada, key: pending.key, body: "mine" });
    expect(seqs(timeline)).toEqual([1, 2, 3, 4]);
  });

  test("another tab may send them", async () => {
    vi.useFakeTimers();
    const { client, store, timeline } = await opened(2);
    const pending = store.actions.send("hello");
    client.queue.set([]);
    expect(bodies(timeline).at(-1)).toBe("hello");
    client.posts(3, { author: ada, key: pending.key, body: "hello" });
    expect(timeline.get().items.map((item) => item.status)).toEqual(["sent", "sent", "sent"]);
    store.actions.send("taken back there");
    client.queue.set([]);
    await vi.advanceTimersByTimeAsync(11_000);
    expect(bodies(timeline)).toEqual(["text 1", "text 2", "hello"]);
    vi.useRealTimers();
  });

  test("a refused one stays with the reason, can be retried and discarded", async () => {
    const { client, store, timeline } = await opened(1);
    const one = store.actions.send("one");
    const two = store.actions.send("two");
    client.refuse(one.key, "WORD_REFUSED");
    await settled();
    expect(timeline.get().items.map((item) => item.status)).toEqual(["sent", "failed", "pending"]);
    expect(timeline.get().items[1]?.failure?.reason).toBe("WORD_REFUSED");
    timeline.retry(one.key);
    expect(timeline.get().items[1]).toMatchObject({ status: "pending" });
    expect(timeline.get().items[1]?.failure).toBeUndefined();
    timeline.discard(one.key);
    expect(bodies(timeline)).toEqual(["text 1", "two"]);
    expect(two.key).not.toBe(one.key);
  });

  test("what waits in the outbox from an earlier visit is shown", async () => {
    const { client, stores } = await opened(1);
    client.enqueue("message.send", { room: "r2", body: "earlier" }, { lane: "r2" });
    expect(stores.room("r2").timeline().get().items[0]).toMatchObject({ body: "earlier", status: "pending" });
  });
});

test("at no moment is a message there twice, or gone", async () => {
  const { client, store, timeline } = await opened(2);
  const counts: number[] = [];
  timeline.subscribe(() => counts.push(timeline.get().items.length));
  const echoed = store.actions.send("one");
  client.posts(3, { author: ada, key: echoed.key, body: "one" });
  client.acknowledge(echoed.key, { message: "m3", room, seq: 3, at: 9 });
  await settled();
  const answered = store.actions.send("two");
  client.acknowledge(answered.key, { message: "m4", room, seq: 4, at: 9 });
  await settled();
  client.posts(4, { author: ada, key: answered.key, body: "two" });
  expect([...new Set(counts)]).toEqual([3, 4]);
});

describe("changes that are shown at once", () => {
  test("an edit, kept and taken back", async () => {
    const { client, store, stores, timeline } = await opened(2);
    const failures: string[] = [];
    stores.failures.subscribe((failure) => failures.push(failure.reason));
    const first = store.actions.edit("m1", "one");
    expect(timeline.get().items[0]).toMatchObject({ body: "one", rev: 2 });
    client.acknowledge(client.queue.get()[0]?.key ?? "", { rev: 2, at: 9, seq: 3 });
    expect(await first).toBeNull();
    expect(bodies(timeline)).toEqual(["one", "text 2"]);
    const second = store.actions.edit("m2", "two");
    expect(bodies(timeline)).toEqual(["one", "two"]);
    client.refuse(client.queue.get()[0]?.key ?? "", "CONFLICT");
    expect(await second).toMatchObject({ what: "message.edit", reason: "CONFLICT" });
    expect(bodies(timeline)).toEqual(["one", "text 2"]);
    expect(failures).toEqual(["CONFLICT"]);
    expect(client.queue.get()).toEqual([]);
  });

  test("reactions count together with those of others", async () => {
    const { client, store, timeline } = await opened(1);
    const reacting = store.actions.react("m1", "👍", true);
    expect(timeline.get().items[0]?.reactions).toEqual([{ emoji: "👍", count: 1, own: true }]);
    client.tell("reaction.changed", { at: 9, message: "m1", emoji: "👍", user: bob, on: true, count: 1 });
    expect(timeline.get().items[0]?.reactions).toEqual([{ emoji: "👍", count: 2, own: true }]);
    client.tell("reaction.changed", { at: 9, message: "m1", emoji: "👍", user: ada, on: true, count: 2 });
    client.acknowledge(client.queue.get()[0]?.key ?? "", { count: 2 });
    expect(await reacting).toBeNull();
    expect(timeline.get().items[0]?.reactions).toEqual([{ emoji: "👍", count: 2, own: true }]);
  });

  test("deleting for everyone buries, for oneself hides", async () => {
    const { client, store, timeline } = await opened(3);
    const forMe = store.actions.delete("m1", "me");
    const forAll = store.actions.delete("m2", "everyone");
    expect(timeline.get().items.map((item) => [item.message, item.deleted ?? false])).toEqual([
      ["m2", true],
      ["m3", false],
    ]);
    const [one, two] = client.queue.get();
    client.refuse(one?.key ?? "", "PERMISSION_DENIED");
    client.acknowledge(two?.key ?? "", { seq: 4 });
    await Promise.all([forMe, forAll]);
    expect(timeline.get().items.map((item) => item.deleted ?? false)).toEqual([false, true, false]);
  });

  test("a change of an earlier visit that is refused is told and let go", async () => {
    const { client, stores } = await opened(1);
    const told: string[] = [];
    stores.failures.subscribe(({ what }) => told.push(what));
    const { key } = client.enqueue("reaction.add", { room, message: "m1", emoji: "x" }, { lane: "x" });
    client.refuse(key, "ROOM_MUTED");
    expect(told).toEqual(["reaction.add"]);
    expect(client.queue.get()).toEqual([]);
  });
});
