import type { OwnPresence } from "@hubbub/client/store";
import { STATUS_NAMES, type Status } from "../../design/index.ts";

/** What is known of a person's presence; nothing yet counts as offline. */
export interface Presence {
  readonly status: Status;
  readonly text?: string;
  readonly lastSeen?: number;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const relative = new Intl.RelativeTimeFormat(undefined, { numeric: "auto", style: "long" });
const date = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" });
const dateAndYear = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short", year: "numeric" });
const clock = new Intl.DateTimeFormat(undefined, { hour: "numeric", minute: "2-digit" });
const weekdayAndClock = new Intl.DateTimeFormat(undefined, { weekday: "short", hour: "numeric", minute: "2-digit" });

/** How long ago something was, as people say it; far away it is a date. */
export function ago(at: number, now: number): string {
  const passed = Math.max(0, now - at);
  if (passed < MINUTE) return "just now";
  if (passed < HOUR) return relative.format(-Math.floor(passed / MINUTE), "minute");
  if (passed < DAY) return relative.format(-Math.floor(passed / HOUR), "hour");
  if (passed < 7 * DAY) return relative.format(-Math.floor(passed / DAY), "day");
  const isThisYear = new Date(at).getFullYear() === new Date(now).getFullYear();
  return (isThisYear ? date : dateAndYear).format(at);
}

/** One line about a person: what they say of themselves, else whether they are here, else when they last were. */
export function presenceLine(presence: Presence | undefined, now: number): string {
  if (presence?.text) return presence.text;
  return presenceState(presence, now);
}

/** Whether someone is here, and otherwise since when not. */
export function presenceState(presence: Presence | undefined, now: number): string {
  if (!presence) return STATUS_NAMES.offline;
  const { status, lastSeen } = presence;
  if (status === "offline" && lastSeen !== undefined) return `Last seen ${ago(lastSeen, now)}`;
  return STATUS_NAMES[status];
}

/** Whether someone counts as being here. */
export const isHere = (presence: Presence | undefined): boolean =>
  presence !== undefined && presence.status !== "offline" && presence.status !== "invisible";

/** How long one's own status holds. */
export const DURATIONS = [
  { value: "always", label: "Until I change it" },
  { value: "half-hour", label: "30 minutes" },
  { value: "hour", label: "1 hour" },
  { value: "four-hours", label: "4 hours" },
  { value: "today", label: "Today" },
  { value: "week", label: "This week" },
] as const;
export type Duration = (typeof DURATIONS)[number]["value"];

/** When a duration that begins now is over; nothing for one without an end. The week ends with its Sunday. */
export function endOf(duration: Duration, now: number): number | undefined {
  const midnight = (days: number) => {
    const day = new Date(now);
    return new Date(day.getFullYear(), day.getMonth(), day.getDate() + days).getTime();
  };
  switch (duration) {
    case "always":
      return undefined;
    case "half-hour":
      return now + HOUR / 2;
    case "hour":
      return now + HOUR;
    case "four-hours":
      return now + 4 * HOUR;
    case "today":
      return midnight(1);
    case "week":
      return midnight(8 - (new Date(now).getDay() || 7));
  }
}

/** "until 17:30", with the day when it is not today's. */
export function untilWords(until: number, now: number): string {
  const isSoon = until - now < DAY && new Date(until).getDate() === new Date(now).getDate();
  if (isSoon) return `until ${clock.format(until)}`;
  return until - now < 6 * DAY ? `until ${weekdayAndClock.format(until)}` : `until ${date.format(until)}`;
}

/** One's own status in a line. One whose time is over says nothing any more. */
export function ownLine(own: OwnPresence | undefined, now: number): string {
  if (!own || (own.until !== undefined && own.until <= now)) return STATUS_NAMES.online;
  return own.text || STATUS_NAMES[own.status];
}
