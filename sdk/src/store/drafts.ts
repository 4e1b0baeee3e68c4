/** One's own messages of a room that are not stored yet: what the outbox has, until the server's message is there. */

import type { Queued } from "../types.ts";
import type { Person } from "../gen/protocol.ts";
import { later } from "./later.ts";
import { Cell } from "../readable.ts";
import type { TimelineMessage } from "./types.ts";

/** How long a message that another tab has sent waits for its echo. */
const ECHO_MS = 10_000;

export interface Draft {
  readonly key: string;
  readonly body: string;
  readonly at: number;
  readonly replyTo?: string;
  readonly thread?: string;
}

/** A message as it is shown before the server has it. */
export function drafted(draft: Draft, room: string, author: Person): TimelineMessage {
  const { key, body, at, replyTo, thread } = draft;
  return {
    id: key,
    key,
    message: key,
    room,
    seq: Infinity,
    at,
    author,
    body,
    rev: 1,
    reactions: [],
    mentions: [],
    status: "pending",
    ...(replyTo !== undefined && { replyTo }),
    ...(thread !== undefined && { thread }),
  };
}

function withState(message: TimelineMessage, item: Queued): TimelineMessage {
  const { failure: before, ...rest } = message;
  if (item.state === "failed") {
    const failure = item.failure ?? { reason: "UNKNOWN", message: "" };
    if (message.status === "failed" && before?.reason === failure.reason) return message;
    return { ...rest, status: "failed", failure };
  }
  return message.status === "pending" ? message : { ...rest, status: "pending" };
}

function read(item: Queued): Draft {
  const data = item.data as { body: string; replyTo?: string; thread?: string };
  return { ...data, key: item.key, at: item.at };
}

export class Drafts {
  readonly items = new Cell<readonly TimelineMessage[]>([]);
  readonly #room: string;
  readonly #author: () => Person;
  // Keys that the outbox has, or had when it was last looked at.
  #queued = new Set<string>();
  // Keys whose message is there although the outbox still has them.
  readonly #settled = new Set<string>();

  constructor(room: string, author: () => Person) {
    this.#room = room;
    this.#author = author;
  }

  add(draft: Draft): TimelineMessage {
    const known = this.items.get().find((item) => item.key === draft.key);
    const message = known ?? drafted(draft, this.#room, this.#author());
    if (!known) this.items.set([...this.items.get(), message]);
    return message;
  }

  /** The server has the message, or it was taken back. */
  settle(key: string): void {
    if (this.#queued.has(key)) this.#settled.add(key);
    const items = this.items.get();
    if (items.some((item) => item.key === key)) this.items.set(items.filter((item) => item.key !== key));
  }

  /** Takes what the outbox has for this room now. */
  follow(queued: readonly Queued[]): void {
    const now = new Map(queued.map((item) => [item.key, item]));
    for (const key of this.#queued) if (!now.has(key)) this.#left(key);
    this.#queued = new Set(now.keys());
    const known = new Set(this.items.get().map((item) => item.key));
    const added = queued.filter((item) => !known.has(item.key) && !this.#settled.has(item.key));
    const before = this.items.get();
    const kept = before.map((message) => {
      const item = now.get(message.id);
      return item ? withState(message, item) : message;
    });
    const isSame = added.length === 0 && kept.every((message, at) => message === before[at]);
    if (isSame) return;
    const fresh = added.map((item) => withState(drafted(read(item), this.#room, this.#author()), item));
    this.items.set([...kept, ...fresh]);
  }

  forget(): void {
    this.#queued.clear();
    this.#settled.clear();
    this.items.set([]);
  }

  /** It is no longer in the outbox: its echo is on its way, or it was taken back in another tab. */
  #left(key: string): void {
    this.#settled.delete(key);
    later(ECHO_MS, () => {
      if (!this.#queued.has(key)) this.settle(key);
    });
  }
}
