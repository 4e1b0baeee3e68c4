/** Values that can be watched. */

import type { Readable } from "./types.ts";

/** Tells whoever watches for errors (the console, error trackers), and goes on. */
export function report(error: unknown): void {
  if (typeof globalThis.reportError === "function") globalThis.reportError(error);
  else console.error(error);
}

/** Calls a piece of the app: what it throws is the app's to know, and nothing of ours stops for it. */
export function callSafely<A extends readonly unknown[]>(work: (...args: A) => void, ...args: A): void {
  try {
    work(...args);
  } catch (error) {
    report(error);
  }
}

/** A value and those who watch it. */
export class Cell<T> implements Readable<T> {
  #value: T;
  #listeners = new Set<() => void>();
  #isTelling = false;
  #isStale = false;

  constructor(value: T) {
    this.#value = value;
  }

  get(): T {
    return this.#value;
  }

  set(value: T): void {
    if (Object.is(value, this.#value)) return;
    this.#value = value;
    // A listener that sets the value again does not nest: everyone hears of the second change after the first.
    this.#isStale = true;
    if (this.#isTelling) return;
    this.#isTelling = true;
    while (this.#isStale) {
      this.#isStale = false;
      for (const listener of this.#listeners) callSafely(listener);
    }
    this.#isTelling = false;
  }

  subscribe(listener: () => void): () => void {
    // Wrapped, so that the same function subscribed twice is told twice and ends once.
    const own = () => listener();
    this.#listeners.add(own);
    return () => void this.#listeners.delete(own);
  }
}
