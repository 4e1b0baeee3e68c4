/** How much room rows and lines take. The style sheets read `data-density` on <html>. */
export type Density = "comfortable" | "compact";

const KEY = "hubbub.density";
const listeners = new Set<() => void>();
let current: Density = stored();

function stored(): Density {
  try {
    return localStorage.getItem(KEY) === "compact" ? "compact" : "comfortable";
  } catch {
    return "comfortable";
  }
}

function apply() {
  const root = document.documentElement;
  if (current === "compact") root.dataset["density"] = current;
  else delete root.dataset["density"];
}

export const density = {
  get: () => current,
  subscribe(listener: () => void) {
    listeners.add(listener);
    return () => void listeners.delete(listener);
  },
  set(next: Density) {
    current = next;
    apply();
    try {
      localStorage.setItem(KEY, next);
    } catch {
      // Storage may be off: then it holds for as long as the page does.
    }
    for (const listener of listeners) listener();
  },
};

apply();
