/** Who wants to hear of which events. */

import type { Frame } from "./codec.ts";
import { isDurable } from "./codec.ts";
import { callSafely } from "./readable.ts";
import type { EventName, Incoming } from "./types.ts";

/** Stands for every type of event. */
export const ANY = "*";
/** The name under which lost continuity is told. */
export const RESET = "!reset";

export class Listeners {
  readonly #handlers = new Map<string, Set<(event: never) => void>>();

  /** Returns the way to stop it; so does the signal. */
  add(type: string, handler: (event: never) => void, signal?: AbortSignal): () => void {
    const own = (event: never) => handler(event);
    const handlers = this.#handlers.get(type) ?? new Set();
    this.#handlers.set(type, handlers);
    const stop = () => {
      handlers.delete(own);
      signal?.removeEventListener("abort", stop);
    };
    if (!signal?.aborted) handlers.add(own);
    signal?.addEventListener("abort", stop);
    return stop;
  }

  tell(type: string, event: unknown): void {
    // A handler that adds another one does not have it called for this event.
    const handlers = [...(this.#handlers.get(type) ?? [])];
    for (const handler of handlers) callSafely(handler, event as never);
  }

  /** Tells of a frame, as events look to the app. */
  frame(frame: Frame): void {
    const { type, data, room, stream, cursor, replayed } = frame;
    const event = {
      type: type as EventName,
      data,
      ...(room === undefined ? {} : { room }),
      ...(isDurable(frame) ? { stream: room ?? stream, seq: frame.seq, cursor } : {}),
      ...(replayed ? { replayed } : {}),
    } as Incoming;
    this.tell(type, event);
    this.tell(ANY, event);
  }
}
