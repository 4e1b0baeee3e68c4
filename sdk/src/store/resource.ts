/** Something that is loaded once and then followed by events: friends, members, pins, … */

import type { Answers, Commands } from "../gen/protocol.ts";
import type { CommandName, Readable } from "../types.ts";
import { type Context, type Follower, patience } from "./context.ts";
import type { StoredEvent } from "./events.ts";
import { later } from "./later.ts";
import { type Once, type Reduce, begin, once } from "./once.ts";
import { WatchedCell } from "./readable.ts";
import type { Outcome } from "./types.ts";

type Change<T> = (value: T) => T;

export interface ResourceOptions<T> {
  readonly initial: T;
  readonly reduce: Reduce<T>;
  readonly load: () => Promise<T>;
  /** The room that it is of, or `FEED`: when that stream has a hole it is loaded anew. */
  readonly scope: string;
  /** Whether there is any sense in asking: only members are told. */
  readonly mayLoad?: () => boolean;
  /** The name under which it is kept for reading without a network. */
  readonly cached?: string;
  /** Loads without being watched too. */
  readonly eager?: boolean;
}

/** It is loaded when the first one begins to watch, as soon as there is a connection. */
export class Resource<T> implements Readable<T>, Follower {
  readonly #context: Context;
  readonly #options: ResourceOptions<T>;
  readonly #cell: WatchedCell<T>;
  #base: Once<T>;
  #phase: "none" | "loading" | "loaded" = "none";
  // What happened while it was being loaded: the answer may be from before or after it.
  #meanwhile: Change<T>[] = [];
  #shown: readonly Change<T>[] = [];
  // Counts what makes an answer that is on its way worthless.
  #epoch = 0;

  constructor(context: Context, options: ResourceOptions<T>) {
    this.#context = context;
    this.#options = options;
    this.#base = begin(options.initial);
    this.#cell = new WatchedCell(options.initial, { first: () => this.wake() });
    context.follow(options.scope, this);
  }

  readonly get = (): T => this.#cell.get();
  readonly subscribe = (listener: () => void): (() => void) => this.#cell.subscribe(listener);

  get isLoaded(): boolean {
    return this.#phase === "loaded";
  }

  take(event: StoredEvent): void {
    const next = once(this.#base, event, this.#options.reduce);
    if (next === this.#base) return;
    this.#base = next;
    if (this.#phase === "loading") this.#meanwhile.push((value) => this.#options.reduce(value, event));
    this.#show();
  }

  /** Changes what is known, for good. */
  change(change: Change<T>): void {
    this.#base = { ...this.#base, value: change(this.#base.value) };
    if (this.#phase === "loading") this.#meanwhile.push(change);
    this.#show();
  }

  wake(): void {
    const { eager, cached, mayLoad } = this.#options;
    if (this.#phase !== "none" || !(eager || this.#cell.isWatched)) return;
    if (cached && this.#base.value === this.#options.initial) void this.#recall(cached);
    if (this.#context.isOnline && (mayLoad?.() ?? true)) void this.#load();
  }

  /** Loads it anew; what is known is shown until then. */
  doubt(): void {
    this.#epoch += 1;
    this.#phase = "none";
    this.wake();
  }

  forget(): void {
    this.#epoch += 1;
    this.#phase = "none";
    this.#shown = [];
    this.#base = begin(this.#options.initial);
    this.#show();
  }

  /** Shows a change at once; keeps it, or takes it back and tells why. `keep` is how it is kept, if otherwise. */
  attempt<K extends CommandName>(
    type: K,
    data: Commands[K],
    change: Change<T>,
    keep?: (answer: Answers[K], value: T) => T,
  ): Outcome {
    return this.#context.attempt(
      type,
      () => this.#context.request(type, data),
      () => {
        this.#shown = [...this.#shown, change];
        this.#show();
        return (answer) => {
          this.#shown = this.#shown.filter((each) => each !== change);
          if (answer === undefined) this.#show();
          else this.change((value) => (keep ? keep(answer, value) : change(value)));
        };
      },
    );
  }

  #show(): void {
    const { cached } = this.#options;
    if (cached && this.#base.value !== this.#options.initial) this.#context.cache.put(cached, () => this.#base.value);
    this.#cell.set(this.#shown.reduce<T>((value, change) => change(value), this.#base.value));
  }

  async #recall(name: string): Promise<void> {
    const epoch = this.#epoch;
    const found = await this.#context.cache.get<T>(name);
    const isWanted = epoch === this.#epoch && this.#phase !== "loaded" && this.#base.value === this.#options.initial;
    if (!isWanted || found === undefined) return;
    this.#base = { ...this.#base, value: found };
    this.#show();
  }

  async #load(): Promise<void> {
    const epoch = (this.#epoch += 1);
    this.#phase = "loading";
    this.#meanwhile = [];
    try {
      const loaded = await this.#options.load();
      if (epoch !== this.#epoch) return;
      this.#phase = "loaded";
      this.#base = { ...this.#base, value: this.#meanwhile.reduce<T>((value, change) => change(value), loaded) };
      this.#meanwhile = [];
      this.#show();
    } catch (error) {
      if (epoch !== this.#epoch) return;
      this.#phase = "none";
      const pause = patience(error);
      if (pause !== undefined) later(pause, () => this.wake());
    }
  }
}
