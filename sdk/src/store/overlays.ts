/** One's own changes of messages that the server has not confirmed: shown over what it has told. */

import type { Message } from "../gen/protocol.ts";
import { Cell } from "../readable.ts";

/** A change of one message; `null` hides it. */
export interface Overlay {
  readonly message: string;
  readonly change: <M extends Message>(message: M) => M | null;
}

export class Overlays {
  readonly all = new Cell<readonly Overlay[]>([]);

  add(overlay: Overlay): void {
    this.all.set([...this.all.get(), overlay]);
  }

  remove(overlay: Overlay): void {
    this.all.set(this.all.get().filter((each) => each !== overlay));
  }

  forget(): void {
    this.all.set([]);
  }
}

/** Puts changes into an array of messages that nobody else has; `indexOf` knows where each stands. */
export function overlaid<M extends Message>(
  overlays: readonly Overlay[],
  messages: M[],
  indexOf: (id: string) => number,
): M[] {
  if (overlays.length === 0) return messages;
  const now: (M | null)[] = messages;
  for (const { message, change } of overlays) {
    const at = indexOf(message);
    const before = now[at];
    if (before) now[at] = change(before);
  }
  return now.filter((message) => message !== null);
}
