/** Spans and moments in words. */

export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

const UNITS = [
  [DAY_MS, "day"],
  [HOUR_MS, "hour"],
  [MINUTE_MS, "minute"],
  [1_000, "second"],
] as const;

export const plural = (count: number, one: string, many = `${one}s`): string =>
  `${count.toLocaleString("en")} ${count === 1 ? one : many}`;

/** The length of a time by its largest unit, and the next one where that matters: "1 day 6 hours", "3 hours". */
export function spanWords(ms: number): string {
  const index = UNITS.findIndex(([size]) => ms >= size);
  const unit = UNITS[index];
  if (!unit) return "less than a second";
  const [size, name] = unit;
  const count = Math.floor(ms / size);
  const smaller = UNITS[index + 1];
  // Beside ten days nobody asks for the hours; a week less a second is a week.
  if (!smaller || count >= 3) return plural(Math.round(ms / size), name);
  const rest = Math.floor((ms % size) / smaller[0]);
  return rest === 0 ? plural(count, name) : `${plural(count, name)} ${plural(rest, smaller[1])}`;
}

/** How long ago, as short as a table cell needs it. */
export function agoWords(at: number, now: number): string {
  const ms = now - at;
  if (ms < 45_000) return "just now";
  if (ms < HOUR_MS) return `${Math.max(1, Math.round(ms / MINUTE_MS))} min ago`;
  if (ms < DAY_MS) return `${Math.round(ms / HOUR_MS)} h ago`;
  if (ms < 30 * DAY_MS) return `${plural(Math.round(ms / DAY_MS), "day")} ago`;
  return dateWords(at);
}

const DATE = new Intl.DateTimeFormat("en", { day: "numeric", month: "short", year: "numeric" });
const MOMENT = new Intl.DateTimeFormat("en", {
  day: "numeric",
  month: "short",
  year: "numeric",
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  hourCycle: "h23",
});
const MINUTE = new Intl.DateTimeFormat("en", {
  day: "numeric",
  month: "short",
  hour: "2-digit",
  minute: "2-digit",
  hourCycle: "h23",
});

export const dateWords = (at: number): string => DATE.format(at);
export const momentWords = (at: number): string => MOMENT.format(at);
export const minuteWords = (at: number): string => MINUTE.format(at);

/** Until when, with what that means from now: "until Nov 24, 10:30 (in 3 days)". */
export function untilWords(until: number | undefined, now: number): string {
  if (until === undefined) return "for good";
  if (until <= now) return "over";
  return `until ${minuteWords(until)} (in ${spanWords(until - now)})`;
}
