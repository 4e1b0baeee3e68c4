/**
 * The shapes that the core, the stores and the hooks share. What is on the wire stands in `gen/`; this is what the SDK
 * adds to it.
 */

import type { Answers, Commands, Events } from "./gen/protocol.ts";

/** The name of a command, such as `message.send`. */
export type CommandName = keyof Commands & keyof Answers;
/** The name of an event, such as `message.new`. */
export type EventName = keyof Events;

/** A value that changes as a whole: compare with `Object.is`. */
export interface Readable<T> {
  get(): T;
  /** Calls back after each change, never during one. Returns the way to stop it. */
  subscribe(listener: () => void): () => void;
}

/** Where the connection stands. */
export type Phase =
  /** Not asked to connect. */
  | "idle"
  /** The first attempt. */
  | "connecting"
  | "online"
  /** It was online, and tries again: at `retryAt`. */
  | "recovering"
  /** The server asked to come back when there is something to do. */
  | "parked"
  /** The device has no network. */
  | "offline"
  /** Ended for good: by `close`, by `logout`, or by a goodbye that says so. */
  | "closed";

/** The connection as it is shown to people. */
export interface ConnectionState {
  readonly phase: Phase;
  /** When the next attempt starts, ms since the epoch. */
  readonly retryAt?: number;
  /** Why it is not online: a goodbye's reason (`banned`, `draining`, …) or `network`. */
  readonly reason?: string;
  /** The close code, when there was one. */
  readonly code?: number;
}

/** A durable or passing event, as handlers get it. */
export interface Incoming<K extends EventName = EventName> {
  readonly type: K;
  readonly data: Events[K];
  /** The room it is of. */
  readonly room?: string;
  /** The stream it is of: the room, or the user's own feed. */
  readonly stream?: string;
  /** Durable events only. */
  readonly seq?: number;
  readonly cursor?: string;
  /** Whether it happened while this client was away. */
  readonly replayed?: boolean;
}

/** What one can say about one request. */
export interface RequestOptions {
  /** Stops waiting; a change may have been done all the same. */
  signal?: AbortSignal;
  /** The idempotency key; one is made when it is left out. */
  key?: string;
  /** Stops waiting after this long (ms); 30,000 by default. A request waits through reconnects. */
  timeoutMs?: number;
}

/** What waits in the outbox. */
export interface Queued {
  /** The idempotency key. */
  readonly key: string;
  readonly type: CommandName;
  readonly data: unknown;
  /** What keeps its order: the room or person. One request of a lane is in flight. */
  readonly lane: string;
  /** When it was written, ms since the epoch. */
  readonly at: number;
  readonly state: "waiting" | "sending" | "failed";
  /** Why the server refused it. */
  readonly failure?: { reason: string; message: string };
}

/** A request that is kept until it is answered, also across a reload. */
export interface Pending<K extends CommandName = CommandName> extends PromiseLike<Answers[K]> {
  readonly key: string;
  /** Takes it back; false when it was sent already. */
  cancel(): Promise<boolean>;
}
