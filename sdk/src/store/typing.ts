/** Who writes in a room just now, and telling that one does. */

import type { Person } from "../gen/protocol.ts";
import type { Readable } from "../types.ts";
import type { Context, Follower } from "./context.ts";
import type { StoredEvent } from "./events.ts";
import { later, type Timer } from "./later.ts";
import type { Names } from "./names.ts";
import { Cell } from "../readable.ts";

/** A mark is good for 6 seconds: it is renewed before that while one writes. */
const RENEW_MS = 3_000;
/** Clocks differ: no mark of others is shown for longer. */
const SHOWN_MAX_MS = 6_000;

interface Writer {
  readonly stop: () => void;
  readonly timer: Timer;
}

export class Typing implements Follower {
  readonly #context: Context;
  readonly #room: string;
  readonly #names: Names;
  readonly #cell = new Cell<readonly Person[]>([]);
  readonly #writers = new Map<string, Writer>();
  #toldAt = 0;

  constructor(context: Context, room: string, names: Names) {
    this.#context = context;
    this.#room = room;
    this.#names = names;
    context.follow(room, this);
  }

  get people(): Readable<readonly Person[]> {
    return this.#cell;
  }

  take(event: StoredEvent): void {
    // Whoever has said it writes no more.
    if (event.type === "message.new") this.#end(event.data.author.id);
    if (event.type !== "typing" || event.data.user === this.#context.me) return;
    const { user, until } = event.data;
    const left = Math.min(until - Date.now(), SHOWN_MAX_MS);
    this.#writers.get(user)?.timer.stop();
    if (left <= 0) return this.#end(user);
    const stop = this.#writers.get(user)?.stop ?? this.#names.of(user).subscribe(() => this.#show());
    this.#writers.set(user, { stop, timer: later(left, () => this.#end(user)) });
    this.#show();
  }

  forget(): void {
    for (const user of this.#writers.keys()) this.#end(user);
  }

  /** Tells the room that one writes, or no longer. A mark that is lost harms nobody. */
  tell(on: boolean): void {
    const now = Date.now();
    const isDue = on ? now - this.#toldAt >= RENEW_MS : this.#toldAt > 0;
    if (!isDue || !this.#context.isOnline) return;
    this.#toldAt = on ? now : 0;
    this.#context.request("typing", { room: this.#room, on }).catch(() => undefined);
  }

  /** One has sent something: the room sees that oneself writes no more. */
  sent(): void {
    this.#toldAt = 0;
  }

  #end(user: string): void {
    const writer = this.#writers.get(user);
    if (!writer) return;
    writer.timer.stop();
    writer.stop();
    this.#writers.delete(user);
    this.#show();
  }

  #show(): void {
    const people = [...this.#writers.keys()].map((user) => this.#names.of(user).get());
    this.#cell.set(people.filter((person) => person !== undefined));
  }
}
