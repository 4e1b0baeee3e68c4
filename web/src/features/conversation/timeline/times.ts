/** How times are told. Formatters are costly to make, so there is one of each. */
const clock = new Intl.DateTimeFormat(undefined, { hour: "numeric", minute: "2-digit" });
const exact = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "short" });
const dayOfYear = new Intl.DateTimeFormat(undefined, { weekday: "long", month: "long", day: "numeric" });
const dayWithYear = new Intl.DateTimeFormat(undefined, { year: "numeric", month: "long", day: "numeric" });
const dayInShort = new Intl.DateTimeFormat(undefined, { month: "short", day: "numeric" });
const dayInShortWithYear = new Intl.DateTimeFormat(undefined, { year: "numeric", month: "short", day: "numeric" });
const relative = new Intl.RelativeTimeFormat(undefined, { numeric: "auto" });

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Midnight of the day in the reader's time zone. */
export function dayOf(at: number): number {
  const date = new Date(at);
  return new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
}

/** Whole days between two moments; days of 23 or 25 hours count as one. */
const daysBetween = (earlier: number, later: number) => Math.round((dayOf(later) - dayOf(earlier)) / DAY);

const isSameYear = (one: number, other: number) => new Date(one).getFullYear() === new Date(other).getFullYear();

const capitalised = (text: string) => text.charAt(0).toLocaleUpperCase() + text.slice(1);

/** The clock time: "14:03". */
export const clockTime = (at: number): string => clock.format(at);

/** The clock time without "AM" or "PM", where there is little room and the whole time stands nearby. */
export const briefTime = (at: number): string =>
  clock
    .formatToParts(at)
    .filter((part) => part.type !== "dayPeriod")
    .map((part) => part.value)
    .join("")
    .trim();

/** Everything, for those who point at it: "Friday, 3 May 2024 at 14:03". */
export const exactTime = (at: number): string => exact.format(at);

/** The title of a day: "Today", "Yesterday", "Friday, 3 May", "3 May 2019". */
export function dayTitle(at: number, now: number): string {
  const days = daysBetween(at, now);
  if (days === 0 || days === 1) return capitalised(relative.format(-days, "day"));
  return (isSameYear(at, now) ? dayOfYear : dayWithYear).format(at);
}

/** A moment in few letters, for lists: "now", "5 minutes ago", "14:03", "3 May". */
export function shortMoment(at: number, now: number): string {
  const past = now - at;
  if (past < MINUTE) return relative.format(0, "second");
  if (past < HOUR) return relative.format(-Math.floor(past / MINUTE), "minute");
  if (daysBetween(at, now) === 0) return clock.format(at);
  return (isSameYear(at, now) ? dayInShort : dayInShortWithYear).format(at);
}

/** A stretch of time that counts down: "0:07", "1:30", "2:00:00". */
export function countdown(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1_000));
  const parts = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60, seconds % 60];
  const shown = parts[0] ? parts : parts.slice(1);
  return shown.map((part, at) => (at === 0 ? String(part) : String(part).padStart(2, "0"))).join(":");
}
