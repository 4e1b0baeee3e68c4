const weekday = new Intl.DateTimeFormat(undefined, { weekday: "long" });
const date = new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "long" });
const dateAndYear = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "long", year: "numeric" });
const relative = new Intl.RelativeTimeFormat(undefined, { numeric: "auto" });

export interface Day<T> {
  readonly key: string;
  readonly title: string;
  readonly items: readonly T[];
}

const midnight = (at: number) => new Date(at).setHours(0, 0, 0, 0);
const capital = (text: string) => (text[0] ?? "").toLocaleUpperCase() + text.slice(1);

/** "Today", "Yesterday", a weekday within the last week, else a date. */
export function dayTitle(at: number, now: number): string {
  // Rounded: between two midnights there may be 23 or 25 hours.
  const days = Math.round((midnight(now) - midnight(at)) / 86_400_000);
  if (days <= 1) return capital(relative.format(-Math.max(0, days), "day"));
  if (days < 7) return capital(weekday.format(at));
  return (new Date(at).getFullYear() === new Date(now).getFullYear() ? date : dateAndYear).format(at);
}

/** Parts a list, newest first, by the days of this device's clock. */
export function byDay<T extends { readonly at: number }>(items: readonly T[], now: number): readonly Day<T>[] {
  const days: { key: string; title: string; items: T[] }[] = [];
  for (const item of items) {
    const key = String(midnight(item.at));
    const last = days.at(-1);
    if (last?.key === key) last.items.push(item);
    else days.push({ key, title: dayTitle(item.at, now), items: [item] });
  }
  return days;
}
