/** Texts that were begun and not sent, by person and place. They outlive a reload, and end with the session. */
const PREFIX = "hubbub.draft/";

const keyOf = (me: string, place: string) => `${PREFIX}${me}/${place}`;

/** Storage may be full or forbidden: a draft is then kept only as long as the page. */
const kept = new Map<string, string>();

export function readDraft(me: string, place: string): string {
  const key = keyOf(me, place);
  try {
    return localStorage.getItem(key) ?? kept.get(key) ?? "";
  } catch {
    return kept.get(key) ?? "";
  }
}

export function writeDraft(me: string, place: string, text: string): void {
  const key = keyOf(me, place);
  kept.set(key, text);
  try {
    if (text) localStorage.setItem(key, text);
    else localStorage.removeItem(key);
  } catch {
    // What is kept in memory remains.
  }
}

/** Forgets the drafts of everyone who used this browser. */
export function forgetDrafts(): void {
  kept.clear();
  try {
    const keys = Array.from({ length: localStorage.length }, (_, at) => localStorage.key(at));
    for (const key of keys) if (key?.startsWith(PREFIX)) localStorage.removeItem(key);
  } catch {
    // Where nothing can be stored, nothing was.
  }
}
