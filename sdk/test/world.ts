/** A world without real time, network or browser, in which clients can be watched. */

import type { Frame } from "../src/codec.ts";
import type { ChannelLike, Environment, LocksLike, SocketLike } from "../src/environment.ts";

/** Lets everything run that needs no time. */
export async function settle(rounds = 3): Promise<void> {
  for (let round = 0; round < rounds; round++) await new Promise((resolve) => setImmediate(resolve));
}

export class FakeSocket implements SocketLike {
  onopen: ((event: never) => void) | null = null;
  onmessage: ((event: never) => void) | null = null;
  onclose: ((event: never) => void) | null = null;
  onerror: ((event: never) => void) | null = null;
  readonly sent: Frame[] = [];
  isClosed = false;
  readonly url: string;
  readonly protocols: string[];
  readonly #world: World;

  constructor(world: World, url: string, protocols: string[]) {
    this.#world = world;
    this.url = url;
    this.protocols = protocols;
  }

  send(text: string): void {
    const frame = JSON.parse(text) as Frame;
    this.sent.push(frame);
    this.#world.onFrame?.(this, frame);
  }

  close(): void {
    this.isClosed = true;
    this.#world.onClosed?.(this);
  }

  open(): void {
    this.onopen?.({} as never);
  }

  receive(frame: object | string): void {
    const data = typeof frame === "string" ? frame : JSON.stringify(frame);
    if (!this.isClosed) this.onmessage?.({ data } as never);
  }

  /** The other side closes, or the network breaks. */
  drop(code = 1006, reason = ""): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.#world.onClosed?.(this);
    this.onclose?.({ code, reason } as never);
  }

  /** What was sent of one type. */
  of(type: string): Frame[] {
    return this.sent.filter((frame) => frame.type === type);
  }
}

interface Due {
  at: number;
  work: () => void;
}

export type Reply = { status?: number; body?: unknown; headers?: Record<string, string> } | Error;

export class World {
  now = 1_796_300_000_000;
  random = 0.5;
  isOnline = true;
  isVisible = true;
  readonly sockets: FakeSocket[] = [];
  readonly calls: { method: string; path: string; init: RequestInit }[] = [];
  onFrame: ((socket: FakeSocket, frame: Frame) => void) | undefined;
  onClosed: ((socket: FakeSocket) => void) | undefined;
  onSocket: ((socket: FakeSocket) => void) | undefined;
  /** Answers REST. */
  reply: (method: string, path: string, init: RequestInit) => Reply | Promise<Reply> = (_, path) =>
    path.startsWith("/v1/rt/tickets") ? { status: 201, body: { ticket: "tk" } } : { body: {} };
  #timers = new Map<number, Due>();
  #count = 0;
  #listeners = new Set<() => void>();
  #channels = new Map<string, Set<FakeChannel>>();
  #locks = new FakeLocks();

  get socket(): FakeSocket {
    return this.sockets[this.sockets.length - 1]!;
  }

  /** Every client of a world is a tab of one browser, if it wants to. */
  environment(extra: Partial<Environment> = {}): Partial<Environment> {
    const connect = (url: string, protocols: string[]) => {
      const socket = new FakeSocket(this, url, protocols);
      this.sockets.push(socket);
      this.onSocket?.(socket);
      return socket;
    };
    return {
      // A constructor that returns an object makes that one.
      WebSocket: function (url: string, protocols: string[]) {
        return connect(url, protocols);
      } as unknown as Environment["WebSocket"],
      fetch: (url, init) => this.#fetch(url, init ?? {}),
      setTimeout: (work, ms) => {
        this.#timers.set(++this.#count, { at: this.now + Math.max(0, ms), work });
        return this.#count;
      },
      clearTimeout: (timer) => void this.#timers.delete(timer),
      now: () => this.now,
      random: () => this.random,
      isOnline: () => this.isOnline,
      isVisible: () => this.isVisible,
      watch: (listener) => {
        this.#listeners.add(listener);
        return () => void this.#listeners.delete(listener);
      },
      indexedDB: undefined,
      locks: undefined,
      openChannel: undefined,
      ...extra,
    };
  }

  /** What lets tabs know of each other. */
  tabs(): Partial<Environment> {
    return { locks: this.#locks, openChannel: (name) => new FakeChannel(this.#channels, name) };
  }

  get timers(): number {
    return this.#timers.size;
  }

  get listeners(): number {
    return this.#listeners.size;
  }

  signal(change: { isOnline?: boolean; isVisible?: boolean }): void {
    Object.assign(this, change);
    for (const listener of this.#listeners) listener();
  }

  /** Lets time pass, and everything run that was due. */
  async advance(ms: number): Promise<void> {
    await settle();
    const end = this.now + ms;
    for (;;) {
      const next = [...this.#timers].sort(([, one], [, other]) => one.at - other.at)[0];
      if (!next || next[1].at > end) break;
      this.#timers.delete(next[0]);
      this.now = Math.max(this.now, next[1].at);
      next[1].work();
      await settle();
    }
    this.now = end;
  }

  /** Forgets what is planned: the page that planned it is gone. */
  kill(): void {
    this.#timers.clear();
    this.#listeners.clear();
    for (const socket of this.sockets) {
      socket.onmessage = socket.onclose = null;
      socket.close();
    }
  }

  /** The browser was closed: whoever held a lock holds it no more. */
  forgetTabs(): void {
    this.#locks = new FakeLocks();
    this.#channels = new Map();
  }

  async #fetch(url: string, init: RequestInit): Promise<Response> {
    const path = url.replace(/^https?:\/\/[^/]+/, "");
    const method = init.method ?? "GET";
    this.calls.push({ method, path, init });
    const aborted = new Promise<never>((_, reject) => {
      const abort = () => reject(new Error("aborted"));
      if (init.signal?.aborted) abort();
      init.signal?.addEventListener("abort", abort);
    });
    const reply = await Promise.race([this.reply(method, path, init), aborted]);
    if (reply instanceof Error) throw reply;
    const { status = 200, body, headers = {} } = reply;
    const text = typeof body === "string" ? body : body === undefined ? null : JSON.stringify(body);
    return new Response(status === 204 ? null : text, { status, headers });
  }
}

class FakeChannel implements ChannelLike {
  onmessage: ((event: { data: unknown }) => void) | null = null;
  readonly #peers: Set<FakeChannel>;

  constructor(channels: Map<string, Set<FakeChannel>>, name: string) {
    this.#peers = channels.get(name) ?? new Set();
    channels.set(name, this.#peers.add(this));
  }

  postMessage(message: unknown): void {
    const data = JSON.stringify(message);
    for (const peer of this.#peers) {
      if (peer !== this) setImmediate(() => peer.#peers.has(peer) && peer.onmessage?.({ data: JSON.parse(data) }));
    }
  }

  close(): void {
    this.#peers.delete(this);
  }
}

/** First come, first served. */
class FakeLocks implements LocksLike {
  #tails = new Map<string, Promise<unknown>>();

  request(name: string, options: { signal?: AbortSignal }, work: () => Promise<unknown>): Promise<unknown> {
    const before = this.#tails.get(name) ?? Promise.resolve();
    const held = before.then(() => {
      if (options.signal?.aborted) throw new DOMException("aborted", "AbortError");
      return work();
    });
    this.#tails.set(
      name,
      held.catch(() => {}),
    );
    return held;
  }
}
