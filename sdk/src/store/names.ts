/** Names of people by their ids: noted wherever one is told, asked for when nobody has told. */

import type { Person } from "../gen/protocol.ts";
import type { Readable } from "../types.ts";
import { ALL, type Context, type Follower } from "./context.ts";
import type { StoredEvent } from "./events.ts";
import { later, type Timer } from "./later.ts";
import { WatchedCell } from "./readable.ts";

/** Most ids of one question. */
const ASKED_MAX = 100;
const CALM_MS = 20;

export class Names implements Follower {
  readonly #context: Context;
  readonly #people = new Map<string, WatchedCell<Person | undefined>>();
  readonly #unknown = new Set<string>();
  #timer: Timer | undefined;

  constructor(context: Context) {
    this.#context = context;
    context.follow(ALL, this);
  }

  of(user: string): Readable<Person | undefined> {
    return this.#cell(user);
  }

  note(...people: readonly Person[]): void {
    for (const { id, name } of people) {
      const cell = this.#cell(id);
      if (cell.get()?.name !== name) cell.set({ id, name });
      this.#unknown.delete(id);
    }
  }

  take({ data }: StoredEvent): void {
    if ("author" in data) this.note(data.author);
    if ("user" in data && typeof data.user === "object") this.note(data.user);
    if ("by" in data) this.note(data.by);
    if ("from" in data) this.note(data.from);
  }

  wake(): void {
    this.#soon();
  }

  forget(): void {
    this.#unknown.clear();
    for (const cell of this.#people.values()) cell.set(undefined);
  }

  #cell(user: string): WatchedCell<Person | undefined> {
    const known = this.#people.get(user);
    if (known) return known;
    const cell: WatchedCell<Person | undefined> = new WatchedCell<Person | undefined>(undefined, {
      first: () => {
        if (cell.get()) return;
        this.#unknown.add(user);
        this.#soon();
      },
    });
    this.#people.set(user, cell);
    return cell;
  }

  #soon(): void {
    if (this.#unknown.size === 0 || !this.#context.isOnline) return;
    if (this.#timer) return;
    this.#timer = later(CALM_MS, () => {
      this.#timer = undefined;
      void this.#ask();
    });
  }

  async #ask(): Promise<void> {
    const users = [...this.#unknown].slice(0, ASKED_MAX);
    for (const user of users) this.#unknown.delete(user);
    if (users.length === 0) return;
    try {
      this.note(...(await this.#context.request("user.list", { users })).users);
    } catch {
      // They stay without a name until someone tells it.
    }
    this.#soon();
  }
}
