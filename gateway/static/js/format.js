// Names, colours and times as people read them.

const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const weekday = new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "long" });
const full = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "medium" });

const HUES = 10;
const DAY_MS = 86_400_000;

export const time = (at) => clock.format(at);
// Fits the narrow column beside a message.
export const shortTime = (at) => clock.formatToParts(at).filter(({ type }) => type !== "dayPeriod").map(({ value }) => value).join("").trim();
export const exactly = (at) => full.format(at);

export function day(at, now = Date.now()) {
  const start = (moment) => new Date(moment).setHours(0, 0, 0, 0);
  const days = Math.round((start(now) - start(at)) / DAY_MS);
  if (days === 0) return "Today";
  if (days === 1) return "Yesterday";
  return weekday.format(at);
}

export const isSameDay = (one, other) => new Date(one).toDateString() === new Date(other).toDateString();

export function initials(name) {
  const words = name.split(/[\s._-]+/).filter(Boolean);
  const letters = words.length > 1 ? [words[0], words[1]].map((word) => [...word][0]) : [...name].slice(0, 2);
  return letters.join("").toUpperCase();
}

// One of ten colours; the same person always has the same one.
export function hue(name) {
  let sum = 7;
  for (const letter of name) sum = (sum * 31 + letter.codePointAt(0)) >>> 0;
  return String(sum % HUES);
}

export const count = (many, one) => `${many} ${one}${many === 1 ? "" : "s"}`;
