/** Reducers that take each durable event once. */

import type { StoredEvent } from "./events.ts";

/** A value, and how far it has followed each stream. */
export interface Once<S> {
  readonly value: S;
  readonly seen: Readonly<Record<string, number>>;
}

export type Reduce<S> = (value: S, event: StoredEvent) => S;

export function begin<S>(value: S): Once<S> {
  return { value, seen: {} };
}

/**
 * Counts, roles and friendships are told as they are at a time, so a second copy that comes late would turn them back.
 * An event that a stream has left behind is dropped; passing events have no place and are always taken.
 */
export function once<S>(state: Once<S>, event: StoredEvent, reduce: Reduce<S>): Once<S> {
  const { seq, stream = event.room ?? "" } = event;
  if (seq === undefined) {
    const value = reduce(state.value, event);
    return Object.is(value, state.value) ? state : { ...state, value };
  }
  if (seq <= (state.seen[stream] ?? 0)) return state;
  return { value: reduce(state.value, event), seen: { ...state.seen, [stream]: seq } };
}
