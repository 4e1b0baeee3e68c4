/** What can be read without a network: a snapshot of each thing, written a moment after it changed. */

import { later, type Timer } from "./later.ts";
import type { CacheStorage } from "./types.ts";

/** How long changes are gathered before they are written. */
const CALM_MS = 500;
/** Rooms whose messages are kept. */
const ROOMS_MAX = 30;
/** Messages that are kept of each. */
export const KEPT_MESSAGES = 200;

export class Cache {
  // Asked for each time: it is another one after a log-in.
  readonly #storage: () => CacheStorage;
  #user = "";
  #timer: Timer | undefined;
  readonly #waiting = new Map<string, () => unknown>();
  // Rooms with kept messages, the latest last.
  #kept: string[] = [];

  constructor(storage: () => CacheStorage) {
    this.#storage = storage;
  }

  /** Whose it is from now on. What was not written yet of anybody else is dropped. */
  async own(user: string): Promise<void> {
    this.#user = user;
    this.#waiting.clear();
    this.#timer?.stop();
    this.#timer = undefined;
    this.#kept = [];
    if (user) this.#kept = ((await this.get<string[]>("kept")) ?? []).concat(this.#kept);
  }

  async get<T>(name: string): Promise<T | undefined> {
    const user = this.#user;
    if (!user) return undefined;
    try {
      const found = await this.#storage().get("cache", `${user}:${name}`);
      return user === this.#user ? (found as T | undefined) : undefined;
    } catch {
      // A cache that cannot be read is empty: everything is on the server.
      return undefined;
    }
  }

  /** Writes soon what `make` gives then. */
  put(name: string, make: () => unknown): void {
    if (!this.#user) return;
    this.#waiting.set(name, make);
    this.#timer ??= later(CALM_MS, () => this.flush());
  }

  putRoom(room: string, make: () => unknown): void {
    this.put(`room:${room}`, make);
    if (this.#kept.at(-1) === room) return;
    this.#kept = [...this.#kept.filter((each) => each !== room), room];
    while (this.#kept.length > ROOMS_MAX) this.dropRoom(this.#kept[0] as string);
    this.put("kept", () => this.#kept);
  }

  dropRoom(room: string): void {
    const name = `room:${room}`;
    this.#kept = this.#kept.filter((each) => each !== room);
    this.#waiting.delete(name);
    if (this.#user) this.#settle(this.#storage().delete("cache", `${this.#user}:${name}`));
  }

  flush(): void {
    this.#timer?.stop();
    this.#timer = undefined;
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const [name, make] of waiting) this.#settle(this.#storage().put("cache", `${this.#user}:${name}`, make()));
  }

  #settle(written: Promise<unknown>): void {
    // A full or closed storage costs offline reading, nothing else.
    written.catch(() => undefined);
  }
}
