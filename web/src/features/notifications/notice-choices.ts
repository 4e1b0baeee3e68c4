/**
 * What this browser tells when its page is not looked at. Kept for the browser, not for the account: a phone may ring
 * and the office stay silent.
 */

export interface NoticeChoices {
  /** Notices of the system at all. Asking for the permission is a separate thing: only a click may do that. */
  readonly shown: boolean;
  /** With what was written, or only that something was. */
  readonly withText: boolean;
  readonly sound: boolean;
}

const FIRST: NoticeChoices = { shown: false, withText: true, sound: false };
const KEY = "hubbub.notices";
const listeners = new Set<() => void>();
let choices = stored();

function stored(): NoticeChoices {
  try {
    return readChoices(localStorage.getItem(KEY));
  } catch {
    return FIRST;
  }
}

/** What was kept, as far as it can be read. */
export function readChoices(text: string | null): NoticeChoices {
  let found: unknown;
  try {
    found = JSON.parse(text ?? "null");
  } catch {
    return FIRST;
  }
  const kept = (typeof found === "object" && found !== null ? found : {}) as Record<string, unknown>;
  const read = (name: keyof NoticeChoices) => (typeof kept[name] === "boolean" ? kept[name] : FIRST[name]);
  return { shown: read("shown"), withText: read("withText"), sound: read("sound") };
}

export const noticeChoices = {
  get: () => choices,
  subscribe(listener: () => void) {
    listeners.add(listener);
    return () => void listeners.delete(listener);
  },
  change(some: Partial<NoticeChoices>) {
    choices = { ...choices, ...some };
    try {
      localStorage.setItem(KEY, JSON.stringify(choices));
    } catch {
      // Storage may be off: then it holds for as long as the page does.
    }
    for (const listener of listeners) listener();
  },
};
