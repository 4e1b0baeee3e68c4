/** What can be read from a browser's name for itself. It claims much; the order says what to believe. */

const PROGRAMS: readonly (readonly [RegExp, string])[] = [
  [/Edg(?:e|A|iOS)?\//u, "Edge"],
  [/OPR\/|Opera/u, "Opera"],
  [/SamsungBrowser\//u, "Samsung Internet"],
  [/Firefox\/|FxiOS\//u, "Firefox"],
  [/HeadlessChrome\/|Chrome\/|CriOS\//u, "Chrome"],
  [/Safari\//u, "Safari"],
];

const SYSTEMS: readonly (readonly [RegExp, string])[] = [
  [/iPhone/u, "iPhone"],
  [/iPad/u, "iPad"],
  [/Android/u, "Android"],
  [/Windows/u, "Windows"],
  [/Mac OS X|Macintosh/u, "macOS"],
  [/CrOS/u, "ChromeOS"],
  [/Linux/u, "Linux"],
];

export interface Agent {
  readonly label: string;
  readonly form: "phone" | "computer" | "program";
}

export function readAgent(text: string): Agent {
  const find = (table: typeof PROGRAMS) => table.find(([pattern]) => pattern.test(text))?.[1];
  const [program, system] = [find(PROGRAMS), find(SYSTEMS)];
  if (!program) return { label: plain(text), form: "program" };
  const form = /iPhone|Android|Mobile/u.test(text) ? "phone" : "computer";
  return { label: system ? `${program} on ${system}` : program, form };
}

/** A program that is no browser names itself: "curl/8.5.0" is curl. */
function plain(text: string): string {
  const [name] = text.trim().split(/[/\s(]/u);
  return name || "Unknown device";
}
