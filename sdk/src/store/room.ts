/** One room: everything a page shows of it. */

import type { Member, Message, Receipt, Thread } from "../gen/protocol.ts";
import type { Queued } from "../types.ts";
import type { Context } from "./context.ts";
import { Drafts } from "./drafts.ts";
import type { StoredEvent } from "./events.ts";
import type { Names } from "./names.ts";
import { Overlays } from "./overlays.ts";
import { Paged } from "./paged.ts";
import { Resource } from "./resource.ts";
import { type Acting, roomActions } from "./room-actions.ts";
import { membersAfter, pinsAfter, receiptsAfter, threadsAfter } from "./room-state.ts";
import type { Rooms } from "./rooms.ts";
import type { Home } from "./timeline-view.ts";
import { RoomTimeline } from "./timeline.ts";
import { Typing } from "./typing.ts";
import type { RoomStore, TimelineMessage } from "./types.ts";

/** Timelines that nobody watches are kept for coming back, but not all of them. */
const PARKED_MAX = 30;

/** What the rooms share. */
export interface Shared {
  readonly rooms: Rooms;
  readonly names: Names;
  readonly parked: Set<RoomTimeline>;
}

/** A room's store, and how it takes what the outbox has. */
export type OneRoom = RoomStore & { follow(queued: readonly Queued[]): void; warm(): Promise<void> };

export function oneRoom(context: Context, id: string, shared: Shared): OneRoom {
  const { rooms, names } = shared;
  const isMember = () => rooms.find(id) !== undefined;
  const drafts = new Drafts(id, () => context.client.me.get() ?? { id: "", name: "" });
  const overlays = new Overlays();
  const typing = new Typing(context, id, names);
  const lists = roomLists(context, id, shared);
  const timelines = new Map<string | undefined, RoomTimeline>();

  const home: Home = {
    id,
    isMember,
    drafts,
    overlays,
    counter: (thread) => (thread ? lists.threads.get().find((each) => each.id === thread) : rooms.find(id)),
    seqOf: (message, thread) => seqOf(context, id, message, thread),
    arrived: (messages) => {
      for (const { key, author } of messages) if (key && author.id === context.me) drafts.settle(key);
    },
    latest: (message) => rooms.latest(id, message),
    opened: (timeline) => shared.parked.delete(timeline),
    closed: (timeline) => park(shared.parked, timeline),
  };
  const timeline = (thread?: string): RoomTimeline => {
    const known = timelines.get(thread);
    if (known) return known;
    const made = new RoomTimeline(context, home, thread);
    timelines.set(thread, made);
    return made;
  };
  const acting: Acting = {
    id,
    drafts,
    overlays,
    pins: lists.pins,
    find: (message) => found(timelines.values(), message),
    confirm: (message) => timelines.get(message.thread)?.confirmed(message),
    amend: (message, change) => {
      for (const each of timelines.values()) each.amend(message, change);
    },
    showLatest: (thread) => void timelines.get(thread)?.toLatest(),
    typing: (on) => typing.tell(on),
    sent: () => typing.sent(),
    markRead: (seq, thread) =>
      thread ? void markThread(context, lists.threads, id, thread, seq) : rooms.markRead(id, seq),
  };

  const refresh = () => {
    for (const each of timelines.values()) each.refresh();
  };
  drafts.items.subscribe(refresh);
  overlays.all.subscribe(refresh);
  const summary = rooms.one(id, () => describe());
  let isDescribed = false;
  const describe = () => {
    if (isDescribed || !context.isOnline || !isMember()) return;
    isDescribed = true;
    void rooms.describe(id);
  };
  context.follow(id, {
    take: (event) => void takePin(context, lists.pins, acting, event),
    doubt: () => (isDescribed = false),
    forget: () => {
      isDescribed = false;
      drafts.forget();
      overlays.forget();
    },
  });

  return {
    id,
    summary,
    timeline,
    typing: typing.people,
    ...lists,
    actions: roomActions(context, acting),
    follow: (queued) => drafts.follow(queued),
    warm: () => timeline().warm(),
  };
}

/** Members, threads, pins and receipts. */
function roomLists(context: Context, id: string, { rooms, names }: Shared) {
  const mayLoad = () => rooms.find(id) !== undefined;
  const members = new Paged<Member>(context, {
    reduce: membersAfter,
    scope: id,
    mayLoad,
    page: async (page) => {
      const answer = await context.request("room.members", {
        room: id,
        limit: 100,
        ...(page && { page }),
      });
      names.note(...answer.members);
      rooms.role(id, answer.members.find((member) => member.id === context.me)?.role);
      return {
        rows: answer.members,
        next: answer.next,
      };
    },
  });
  const threads = new Paged<Thread>(context, {
    reduce: (rows, event) => threadsAfter(rows, event, context.me),
    scope: id,
    mayLoad,
    page: async (page) => {
      const answer = await context.request("thread.list", {
        room: id,
        limit: 100,
        ...(page && { page }),
      });
      return {
        rows: answer.threads,
        next: answer.next,
      };
    },
  });
  const pins = new Resource<readonly Message[]>(context, {
    initial: [],
    scope: id,
    mayLoad,
    reduce: (rows, event) => pinsAfter(rows, event, context.me),
    load: async () => (await context.request("message.pins", { room: id })).messages,
  });
  const receipts = new Resource<readonly Receipt[]>(context, {
    initial: [],
    scope: id,
    mayLoad,
    reduce: receiptsAfter,
    load: async () => (await context.request("read.list", { room: id })).receipts,
  });
  return { members, threads, pins, receipts };
}

/** Which message was pinned has to be asked for, unless it is at hand. */
async function takePin(context: Context, pins: Acting["pins"], { find }: Acting, event: StoredEvent): Promise<void> {
  if (event.type !== "message.pinned" || !event.data.on || !pins.isLoaded) return;
  const { message } = event.data;
  try {
    const pinned = find(message) ?? (await context.request("message.get", { message })).message;
    pins.change((all) => (all.some((each) => each.message === message) ? all : [pinned, ...all]));
  } catch {
    // It was deleted in the meantime.
  }
}

function found(timelines: Iterable<RoomTimeline>, message: string): TimelineMessage | undefined {
  for (const timeline of timelines) {
    const item = timeline.find(message);
    if (item) return item;
  }
  return undefined;
}

function park(parked: Set<RoomTimeline>, timeline: RoomTimeline): void {
  parked.delete(timeline);
  parked.add(timeline);
  for (const oldest of parked) {
    if (parked.size <= PARKED_MAX) break;
    parked.delete(oldest);
    oldest.evict();
  }
}

async function markThread(context: Context, threads: Paged<Thread>, room: string, thread: string, seq: number) {
  const known = threads.get().find((each) => each.id === thread);
  if (known && seq <= known.read) return;
  const counted = (read: number, unread: number) => (rows: readonly Thread[]) =>
    rows.map((each) => (each.id === thread && each.read <= read ? { ...each, read, unread } : each));
  threads.resource.change(counted(seq, seq >= (known?.lastSeq ?? 0) ? 0 : (known?.unread ?? 0)));
  try {
    const { read, unread } = await context.request("read.mark", { room, thread, seq });
    threads.resource.change(counted(read, unread));
  } catch {
    // The next counter says how it is.
  }
}

async function seqOf(context: Context, room: string, message: string, thread: string | undefined) {
  try {
    const { message: found } = await context.request("message.get", { message });
    return found.room === room && found.thread === thread ? found.seq : undefined;
  } catch {
    return undefined;
  }
}
