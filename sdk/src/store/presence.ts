/** Who is there: asked for those who are shown, with one question for all of them. */

import type { PresenceOf } from "../gen/protocol.ts";
import type { Readable } from "../types.ts";
import { ALL, type Context, type Follower } from "./context.ts";
import type { StoredEvent } from "./events.ts";
import { later, type Timer } from "./later.ts";
import { WatchedCell } from "./readable.ts";

/** The server watches no more for one connection. */
const WATCHED_MAX = 200;
/** How long wishes are gathered. */
const CALM_MS = 50;

export class Presences implements Follower {
  readonly #context: Context;
  readonly #people = new Map<string, WatchedCell<PresenceOf | undefined>>();
  // Those who are shown, the latest last.
  readonly #wanted = new Set<string>();
  // Those whom this connection watches.
  #watched = new Set<string>();
  #timer: Timer | undefined;

  constructor(context: Context) {
    this.#context = context;
    context.follow(ALL, this);
  }

  of(user: string): Readable<PresenceOf | undefined> {
    const known = this.#people.get(user);
    if (known) return known;
    const cell = new WatchedCell<PresenceOf | undefined>(undefined, {
      first: () => {
        this.#wanted.add(user);
        this.#soon(CALM_MS);
      },
      last: () => this.#wanted.delete(user),
    });
    this.#people.set(user, cell);
    return cell;
  }

  take(event: StoredEvent): void {
    if (event.type === "presence.changed") this.#set(event.data);
  }

  /** A new connection watches nobody. */
  wake(): void {
    this.#watched = new Set();
    if (this.#context.isOnline) this.#soon(0);
  }

  forget(): void {
    this.#watched = new Set();
    for (const cell of this.#people.values()) cell.set(undefined);
  }

  #set(presence: PresenceOf): void {
    this.#people.get(presence.user)?.set(presence);
  }

  #soon(ms: number): void {
    if (this.#timer) return;
    this.#timer = later(ms, () => {
      this.#timer = undefined;
      void this.#watch();
    });
  }

  async #watch(): Promise<void> {
    const wanted = [...this.#wanted].slice(-WATCHED_MAX);
    if (!this.#context.isOnline || wanted.every((user) => this.#watched.has(user))) return;
    // Those who were just looked at stay watched while there is room: they may be shown again.
    const before = [...this.#watched].filter((user) => !this.#wanted.has(user));
    const users = [...before.slice(wanted.length - WATCHED_MAX), ...wanted].slice(-WATCHED_MAX);
    const watched = new Set(users);
    this.#watched = watched;
    try {
      const answer = await this.#context.request("presence.watch", { users });
      for (const presence of answer.users) this.#set(presence);
    } catch {
      // Asked again with the next wish, or after a while.
      if (this.#watched !== watched) return;
      this.#watched = new Set();
      this.#soon(5_000);
    }
  }
}
