/** A client for tests of the stores: answers what the test says, tells what the test tells. */

import type { Answers, Commands, Message, User, Welcome, WelcomeRoom } from "../src/gen/protocol.ts";
import { Cell } from "../src/readable.ts";
import type { CommandName, ConnectionState, EventName, Incoming, Pending, Queued } from "../src/types.ts";
import type { StoreClient } from "../src/store/types.ts";

export const ada: User = { id: "ada-id", name: "ada", role: "USER" };
export const bob = { id: "bob-id", name: "bob" };
export const room = "r1";

/** A refusal, as the client makes them. */
export function refusal(reason: string, message = reason): Error {
  return Object.assign(new Error(message), { reason, kind: "refused", retry: false, retryAfterMs: 0 });
}

export function message(seq: number, more: Partial<Message> = {}): Message {
  return {
    message: `m${seq}`,
    room,
    seq,
    at: 1e3 + seq,
    reactions: [],
    author: bob,
    body: `text ${seq}`,
    rev: 1,
    mentions: [],
    key: `k${seq}`,
    ...more,
  };
}

export function welcomeRoom(more: Partial<WelcomeRoom> = {}): WelcomeRoom {
  const cursor = "01a1fdac-4e87-7069-8390-94dfefcae3ee";
  return {
    id: room,
    kind: "channel",
    name: "general",
    head: 0,
    cursor,
    epoch: 0,
    read: 0,
    unread: 0,
    mentions: 0,
    ...more,
  };
}

export function welcome(rooms: WelcomeRoom[], user: User = ada): Welcome {
  return {
    session: "s",
    user,
    tenant: "t",
    resumed: false,
    heartbeat: {
      intervalMs: 1,
      timeoutMs: 1,
    },
    limits: { frame: 65_536, body: 4_000, depth: 16, perSecond: 20, burst: 40, replay: 300, cursors: 200 },
    caps: [],
    rooms,
    feed: {
      stream: user.id,
      head: 0,
    },
    expiresAt: 0,
    server: "g",
  };
}

type Answerer = (data: never) => unknown;

interface Asked {
  readonly type: CommandName;
  readonly data: unknown;
}

export class FakeClient implements StoreClient {
  readonly connection = new Cell<ConnectionState>({ phase: "idle" });
  readonly me = new Cell<User | null>(null);
  readonly welcome = new Cell<Welcome | null>(null);
  readonly queue = new Cell<readonly Queued[]>([]);
  readonly rows = new Map<string, unknown>();
  readonly asked: Asked[] = [];
  readonly #answers = new Map<string, Answerer>();
  readonly #handlers = new Set<(event: Incoming) => void>();
  readonly #resets = new Set<(stream: string) => void>();
  readonly #waiting = new Map<string, { resolve: (answer: never) => void; reject: (error: Error) => void }>();
  #keys = 0;
  readonly #seqs = new Map<string, number>();

  readonly storage: StoreClient["storage"] = {
    get: async <T>(_: string, key: string) => structuredClone(this.rows.get(key)) as T | undefined,
    put: async (_, key, value) => void this.rows.set(key, structuredClone(value)),
    delete: async (_, key) => void this.rows.delete(key),
  };

  readonly outbox = {
    items: this.queue,
    retry: (key: string) => this.#state(key, "waiting"),
    discard: (key: string) => {
      this.queue.set(this.queue.get().filter((item) => item.key !== key));
      this.#waiting.get(key)?.reject(refusal("CANCELLED"));
    },
  };

  /** Says what is answered; a thrown error is a refusal. */
  answer<K extends CommandName>(type: K, answerer: (data: Commands[K]) => Answers[K] | Promise<Answers[K]>): this {
    this.#answers.set(type, answerer as Answerer);
    return this;
  }

  count(type: CommandName): number {
    return this.asked.filter((each) => each.type === type).length;
  }

  async request<K extends CommandName>(type: K, data: Commands[K]): Promise<Answers[K]> {
    this.asked.push({ type, data });
    const answerer = this.#answers.get(type);
    if (!answerer) return new Promise<never>(() => {});
    return (await answerer(data as never)) as Answers[K];
  }

  enqueue<K extends CommandName>(type: K, data: Commands[K], options: { lane: string; key?: string }): Pending<K> {
    const key = options.key ?? `key${(this.#keys += 1)}`;
    this.asked.push({ type, data });
    const promise = new Promise<Answers[K]>((resolve, reject) => this.#waiting.set(key, { resolve, reject }));
    promise.catch(() => undefined);
    const at = 5_000 + this.#keys;
    this.queue.set([...this.queue.get(), { key, type, data, lane: options.lane, at, state: "waiting" }]);
    return Object.assign(promise, { key, cancel: async () => false });
  }

  /** The server has answered what the outbox sent. */
  acknowledge(key: string, answer: unknown): void {
    this.queue.set(this.queue.get().filter((item) => item.key !== key));
    this.#waiting.get(key)?.resolve(answer as never);
  }

  refuse(key: string, reason: string): void {
    this.#state(key, "failed", { reason, message: reason });
    this.#waiting.get(key)?.reject(refusal(reason));
  }

  onAny(handler: (event: Incoming) => void): () => void {
    this.#handlers.add(handler);
    return () => this.#handlers.delete(handler);
  }

  onReset(handler: (stream: string) => void): () => void {
    this.#resets.add(handler);
    return () => this.#resets.delete(handler);
  }

  reset(stream: string): void {
    for (const handler of this.#resets) handler(stream);
  }

  /** Tells an event of the room, the next of its stream. */
  tell<K extends EventName>(type: K, data: Incoming<K>["data"], seq = this.next(room)): Incoming<K> {
    return this.emit({ type, data, room, stream: room, seq, cursor: `c${seq}` });
  }

  /** Tells an event of the user's own feed. */
  feed<K extends EventName>(type: K, data: Incoming<K>["data"]): Incoming<K> {
    const seq = this.next("feed");
    return this.emit({ type, data, stream: ada.id, seq, cursor: `f${seq}` });
  }

  emit<K extends EventName>(event: Incoming<K>): Incoming<K> {
    for (const handler of this.#handlers) handler(event);
    return event;
  }

  posts(seq: number, more: Partial<Message> = {}): void {
    this.#seqs.set(room, seq);
    this.tell("message.new", message(seq, more), seq);
  }

  next(stream: string): number {
    const seq = (this.#seqs.get(stream) ?? 1_000) + 1;
    this.#seqs.set(stream, seq);
    return seq;
  }

  online(rooms: WelcomeRoom[] = [welcomeRoom()], user: User = ada): this {
    this.me.set(user);
    this.welcome.set(welcome(rooms, user));
    this.connection.set({ phase: "online" });
    return this;
  }

  offline(): void {
    this.connection.set({ phase: "offline" });
  }

  #state(key: string, state: Queued["state"], failure?: Queued["failure"]): void {
    const change = ({ key: own, type, data, lane, at }: Queued): Queued => {
      return { key: own, type, data, lane, at, state, ...(failure && { failure }) };
    };
    this.queue.set(this.queue.get().map((item) => (item.key === key ? change(item) : item)));
  }
}

/** Lets everything that is due happen. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
}
