/** Where a link of a message may lead. Everything else (script, data, files, other programs) is shown as text. */
const SCHEMES = new Set(["http:", "https:", "mailto:"]);

/** Characters that the URL parser takes away silently, or that change how an address reads: none is in an honest one. */
const DECEITFUL = /[\p{Cc}\p{Cf}\s]/u;

/** Returns the address as the browser understands it, or nothing when it is not one of the allowed kinds. */
export function safeHref(text: string): string | undefined {
  if (DECEITFUL.test(text)) return undefined;
  // No base: a relative address would lead into this application.
  const url = URL.parse ? URL.parse(text) : parse(text);
  return url && SCHEMES.has(url.protocol) ? url.href : undefined;
}

/** For browsers without `URL.parse`. */
function parse(text: string): URL | null {
  try {
    return new URL(text);
  } catch {
    return null;
  }
}

/** Whether the words of a link pretend to be another address than the one it leads to. */
export function isMisleading(words: string, href: string): boolean {
  const shown = /^(?:https?:\/\/)?([\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)+)(?:[/:?#]|$)/iu.exec(words.trim())?.[1];
  if (!shown) return false;
  const host = new URL(href).hostname;
  const bare = (name: string) => name.toLowerCase().replace(/^www\./, "");
  return bare(shown) !== bare(host);
}

/** What an address leads to, in short. */
export function targetOf(href: string): string {
  const url = new URL(href);
  return url.host || url.pathname;
}
