/** Members, threads, pins and receipts of one room after an event. Everything here is pure. */

import type { Member, Message, Receipt, Thread } from "../gen/protocol.ts";
import type { StoredEvent } from "./events.ts";
import { changed } from "./messages-state.ts";

export function membersAfter(members: readonly Member[], event: StoredEvent): readonly Member[] {
  switch (event.type) {
    case "room.memberJoined": {
      const { user, role } = event.data;
      return [...members.filter((member) => member.id !== user.id), { ...user, role }];
    }
    case "room.memberLeft":
      return members.filter((member) => member.id !== event.data.user.id);
    case "room.roleChanged": {
      const { user, role } = event.data;
      return members.map((member) => (member.id === user.id ? { ...member, role } : member));
    }
    default:
      return members;
  }
}

const latestFirst = (one: Thread, other: Thread) => other.lastSeq - one.lastSeq;

function said(threads: readonly Thread[], message: Message & { thread: string }, me: string): readonly Thread[] {
  const { thread: id, seq, at, author, room } = message;
  const begun = {
    id,
    room,
    title: "",
    root: id,
    by: author.id,
    createdAt: at,
  };
  const before = threads.find((thread) => thread.id === id) ?? {
    ...begun,
    messages: 0,
    lastSeq: 0,
    read: 0,
    unread: 0,
  };
  if (seq <= before.lastSeq) return threads;
  const isUnread = author.id !== me && seq > before.read;
  const unread = before.unread + (isUnread ? 1 : 0);
  const now = { ...before, messages: before.messages + 1, lastSeq: seq, unread };
  return [now, ...threads.filter((thread) => thread !== before)].sort(latestFirst);
}

export function threadsAfter(threads: readonly Thread[], event: StoredEvent, me: string): readonly Thread[] {
  switch (event.type) {
    case "message.new": {
      const { thread } = event.data;
      return thread ? said(threads, { ...event.data, thread }, me) : threads;
    }
    case "thread.created": {
      const { thread: id, title, by, at } = event.data;
      if (threads.some((thread) => thread.id === id)) return threads;
      const seq = event.seq ?? 0;
      const created = { id, room: event.room ?? "", title, by: by.id, createdAt: at, messages: 0, lastSeq: seq };
      return [{ ...created, read: 0, unread: 0 }, ...threads].sort(latestFirst);
    }
    case "room.counter": {
      const { thread: id, read, unread, head } = event.data;
      // What was said after the count is unread still, and was counted here when it came.
      const after = (thread: Thread) => (head < thread.lastSeq ? Math.max(unread, 1) : unread);
      return threads.map((thread) => (thread.id === id ? { ...thread, read, unread: after(thread) } : thread));
    }
    default:
      return threads;
  }
}

/** Pins after an event; which message was pinned has to be asked for. */
export function pinsAfter(pins: readonly Message[], event: StoredEvent, me: string): readonly Message[] {
  if (event.type === "message.pinned" || event.type === "message.deleted" || event.type === "message.hidden") {
    const isStill = event.type === "message.pinned" && event.data.on;
    return isStill ? pins : pins.filter((pin) => pin.message !== event.data.message);
  }
  if (event.type !== "message.edited" && event.type !== "reaction.changed") return pins;
  return pins.map((pin) => (pin.message === event.data.message ? changed(pin, event, me) : pin));
}

export function receiptsAfter(receipts: readonly Receipt[], event: StoredEvent): readonly Receipt[] {
  if (event.type === "room.memberLeft") return receipts.filter((receipt) => receipt.user !== event.data.user.id);
  if (event.type !== "read.updated") return receipts;
  const { user, seq = 0, delivered = 0, thread } = event.data;
  // How far someone has come in a thread says nothing of the room.
  if (thread) return receipts;
  const before = receipts.find((receipt) => receipt.user === user) ?? { user, read: 0, delivered: 0 };
  const read = Math.max(before.read, seq);
  const now = { user, read, delivered: Math.max(before.delivered, delivered, read) };
  if (now.read === before.read && now.delivered === before.delivered) return receipts;
  return receipts.includes(before) ? receipts.map((each) => (each === before ? now : each)) : [...receipts, now];
}
