/**
 * What is told in passing. A list outside of React: anything may tell something, also code that is no component.
 */

export interface ToastOptions {
  title: string;
  body?: string | undefined;
  tone?: "plain" | "good" | "danger" | undefined;
  action?: { readonly label: string; readonly onSelect: () => void } | undefined;
  /** How long it stays (ms); `null` = until it is dismissed. What has an action stays longer. */
  lasts?: number | null | undefined;
  /** A toast with the same key takes the place of the earlier one. */
  key?: string | undefined;
}

export interface ToastItem extends ToastOptions {
  readonly id: number;
}

const MOST = 4;
const SHORT_MS = 5_000;
const LONG_MS = 10_000;

let items: readonly ToastItem[] = [];
let next = 1;
const listeners = new Set<() => void>();
const timers = new Map<number, ReturnType<typeof setTimeout>>();

function change(to: readonly ToastItem[]) {
  items = to;
  for (const listener of listeners) listener();
}

export const toastList = {
  get: () => items,
  subscribe(listener: () => void) {
    listeners.add(listener);
    return () => void listeners.delete(listener);
  },
};

/** Shows a toast and returns the way to take it away. */
export function toast(options: ToastOptions): () => void {
  const id = next++;
  const others = items.filter((item) => options.key === undefined || item.key !== options.key);
  change([...others, { ...options, id }].slice(-MOST));
  linger(id);
  return () => dismissToast(id);
}

export function dismissToast(id: number) {
  hold(id);
  if (items.some((item) => item.id === id)) change(items.filter((item) => item.id !== id));
}

/** Keeps it while someone points at it or reads it with the keyboard. */
export function hold(id: number) {
  clearTimeout(timers.get(id));
  timers.delete(id);
}

/** Lets its time run, from the beginning. */
export function linger(id: number) {
  const item = items.find((candidate) => candidate.id === id);
  if (!item || item.lasts === null) return;
  const lasts = item.lasts ?? (item.action ? LONG_MS : SHORT_MS);
  hold(id);
  timers.set(
    id,
    setTimeout(() => dismissToast(id), lasts),
  );
}
