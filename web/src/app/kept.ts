/**
 * Small things that a browser keeps for a page. Storage can be switched off or full: then they last as long as the page
 * does, and nothing fails.
 */
export interface Kept<T> {
  get(): T | undefined;
  set(value: T | undefined): void;
}

export function kept<T extends string>(name: string, allowed?: (text: string) => text is T): Kept<T> {
  const key = `hubbub.${name}`;
  let memory: T | undefined;
  const accept = (text: string | null) => (text !== null && (!allowed || allowed(text)) ? (text as T) : undefined);
  return {
    get() {
      try {
        return accept(localStorage.getItem(key)) ?? memory;
      } catch {
        return memory;
      }
    },
    set(value) {
      memory = value;
      try {
        if (value === undefined) localStorage.removeItem(key);
        else localStorage.setItem(key, value);
      } catch {
        // The memory has it.
      }
    },
  };
}
