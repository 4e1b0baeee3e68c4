/** Values that do something when they are watched. */

import { Cell } from "../readable.ts";
import type { Readable } from "../types.ts";

/** Called when the first one begins to watch, and when the last one has left. */
export interface Watching {
  first?(): void;
  last?(): void;
}

/** A cell that knows whether anybody looks. */
export class WatchedCell<T> extends Cell<T> {
  #watchers = 0;
  readonly #watching: Watching;

  constructor(value: T, watching: Watching) {
    super(value);
    this.#watching = watching;
  }

  get isWatched(): boolean {
    return this.#watchers > 0;
  }

  override subscribe(listener: () => void): () => void {
    this.#watchers += 1;
    // Before the listener is there: beginning is no change.
    if (this.#watchers === 1) this.#watching.first?.();
    const stop = super.subscribe(listener);
    let isOn = true;
    return () => {
      if (!isOn) return;
      isOn = false;
      stop();
      this.#watchers -= 1;
      if (this.#watchers === 0) this.#watching.last?.();
    };
  }
}

/** A part of another value; it changes when the part does. */
export function select<S, T>(source: Readable<S>, pick: (value: S) => T, watching: Watching = {}): Readable<T> {
  let seen: S | undefined;
  let picked: T;
  let isPicked = false;
  const get = (): T => {
    const value = source.get();
    if (!isPicked || !Object.is(value, seen)) [seen, picked, isPicked] = [value, pick(value), true];
    return picked;
  };
  const changes = new WatchedCell<T | undefined>(undefined, {
    first: () => {
      // Kept only while someone watches: a store that nobody looks at costs nothing.
      changes.set(get());
      stop = source.subscribe(() => changes.set(get()));
      watching.first?.();
    },
    last: () => {
      stop();
      watching.last?.();
    },
  });
  let stop = () => {};
  return { get, subscribe: (listener) => changes.subscribe(listener) };
}
