/** A room with a timeline, as tests of timelines begin. */

import { createStores } from "../src/store/stores.ts";
import type { Timeline, TimelineStore } from "../src/store/types.ts";
import { FakeClient, message, refusal, room, settled, welcomeRoom } from "./fake-client.ts";

export const bodies = (timeline: { get(): Timeline }) => timeline.get().items.map((item) => item.body);
export const seqs = (timeline: { get(): Timeline }) => timeline.get().items.map((item) => item.seq);

/** A room with messages 1 to `head`, and a timeline that is watched. */
export async function opened(head: number, more: Parameters<typeof welcomeRoom>[0] = {}) {
  const client = new FakeClient();
  const all = Array.from({ length: head }, (_, at) => message(at + 1));
  client.answer("history.get", ({ before, after, around, at, limit = 50, thread }) => {
    const lane = all.filter((each) => each.thread === thread);
    const page = (messages: typeof all, isMore: boolean) => ({ messages, more: isMore });
    if (after !== undefined) {
      const rest = lane.filter((each) => each.seq > after);
      return page(rest.slice(0, limit), rest.length > limit);
    }
    if (at !== undefined) {
      const rest = lane.filter((each) => each.at >= at);
      return page(rest.slice(0, limit), rest.length > limit);
    }
    if (around !== undefined) {
      const rest = lane.filter((each) => Math.abs(each.seq - around) <= limit / 2);
      return page(rest, rest.length < lane.length);
    }
    const rest = lane.filter((each) => each.seq < (before ?? Infinity));
    return page(rest.slice(-limit), rest.length > limit);
  });
  client.answer("message.get", ({ message: id }) => {
    const found = all.find((each) => each.message === id);
    if (!found) throw refusal("MESSAGE_NOT_FOUND");
    return { message: found };
  });
  client.answer("room.get", () => {
    throw refusal("ROOM_NOT_FOUND");
  });
  const stores = createStores(client);
  client.online([welcomeRoom({ head, read: head, ...more })]);
  const store = stores.room(room);
  const timeline: TimelineStore = store.timeline();
  const stop = timeline.subscribe(() => {});
  await settled();
  return { client, stores, store, timeline, all, stop };
}
