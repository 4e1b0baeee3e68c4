import { kept } from "./kept.ts";

/** Light, dark, or whatever the system wishes. */
export type Theme = "system" | "light" | "dark";

const isTheme = (text: string): text is Theme => text === "light" || text === "dark" || text === "system";
const store = kept<Theme>("theme", isTheme);
const listeners = new Set<() => void>();
let current: Theme = store.get() ?? "system";

function apply() {
  const root = document.documentElement;
  if (current === "system") delete root.dataset["theme"];
  else root.dataset["theme"] = current;
}

/** Readable, so that a setting and the menu show the same. */
export const theme = {
  get: () => current,
  subscribe(listener: () => void) {
    listeners.add(listener);
    return () => void listeners.delete(listener);
  },
  set(next: Theme) {
    current = next;
    store.set(next === "system" ? undefined : next);
    apply();
    for (const listener of listeners) listener();
  },
};

/** Which of the two is seen. */
export const isDark = (): boolean =>
  current === "dark" || (current === "system" && window.matchMedia("(prefers-color-scheme: dark)").matches);

apply();
