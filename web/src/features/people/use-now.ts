import { useSyncExternalStore } from "react";

const EVERY_MS = 30_000;
let now = Date.now();
let timer: ReturnType<typeof setInterval> | undefined;
const listeners = new Set<() => void>();

function subscribe(listener: () => void) {
  listeners.add(listener);
  timer ??= setInterval(() => {
    now = Date.now();
    for (const each of listeners) each();
  }, EVERY_MS);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

function read(): number {
  // Nobody kept it going: what is shown first is right all the same, and stays the same within one rendering.
  if (timer === undefined && Date.now() - now > 1_000) now = Date.now();
  return now;
}

/** The time, good enough for "5 minutes ago". One clock for the page, however many rows there are. */
export const useNow = (): number => useSyncExternalStore(subscribe, read);
