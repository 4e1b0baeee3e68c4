/** How long a ban or a mute lasts: presets, and a moment of one's own. */

import { DAY_MS, HOUR_MS } from "./time-words.ts";

export interface Preset {
  readonly value: string;
  readonly label: string;
  /** Left out: for good. */
  readonly ms?: number;
}

/** A choice is a preset's value or `CUSTOM`, and then the moment as `<input type=datetime-local>` writes it. */
export interface UntilChoice {
  readonly preset: string;
  readonly moment: string;
}

export const CUSTOM = "custom";
export const MUTE_LONGEST_MS = 28 * DAY_MS;

const hours = (count: number, label: string): Preset => ({ value: `${count}h`, label, ms: count * HOUR_MS });
const days = (count: number, label: string): Preset => ({ value: `${count}d`, label, ms: count * DAY_MS });

export const MUTE_PRESETS: readonly Preset[] = [
  hours(1, "1 hour"),
  hours(8, "8 hours"),
  days(1, "1 day"),
  days(3, "3 days"),
  days(7, "1 week"),
  // A minute less than the server's bound: its clock and ours are not the same.
  { value: "28d", label: "28 days, the longest", ms: MUTE_LONGEST_MS - 60_000 },
];

export const BAN_PRESETS: readonly Preset[] = [
  days(1, "1 day"),
  days(7, "1 week"),
  days(30, "30 days"),
  days(90, "90 days"),
  { value: "ever", label: "For good" },
];

/** Addresses change hands, so a range is never banned for good. */
export const RANGE_PRESETS: readonly Preset[] = [
  hours(1, "1 hour"),
  days(1, "1 day"),
  days(7, "1 week"),
  days(30, "30 days"),
  days(90, "90 days"),
];

/** Turns a choice into the moment that is sent; says why when it is none. */
export function untilOf(
  choice: UntilChoice,
  presets: readonly Preset[],
  now: number,
  longestMs = Infinity,
): { readonly until?: number; readonly why?: string } {
  if (choice.preset !== CUSTOM) {
    const preset = presets.find((candidate) => candidate.value === choice.preset);
    if (!preset) return { why: "Choose how long" };
    return preset.ms === undefined ? {} : { until: now + preset.ms };
  }
  const until = Date.parse(choice.moment);
  if (Number.isNaN(until)) return { why: "Choose a day and a time" };
  if (until <= now) return { why: "This is in the past" };
  if (until - now > longestMs) return { why: `At most ${Math.floor(longestMs / DAY_MS)} days from now` };
  return { until };
}
