export interface Duration {
  readonly value: string;
  readonly label: string;
  readonly ms: number;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** For how long somebody may not speak: 28 days at most. */
export const MUTES: readonly Duration[] = [
  { value: "10m", label: "10 minutes", ms: 10 * MINUTE },
  { value: "1h", label: "1 hour", ms: HOUR },
  { value: "1d", label: "1 day", ms: DAY },
  { value: "7d", label: "1 week", ms: 7 * DAY },
  { value: "28d", label: "28 days", ms: 28 * DAY - MINUTE },
];

/** For how long somebody may not come back; 0 is for good. */
export const BANS: readonly Duration[] = [
  { value: "forever", label: "For good", ms: 0 },
  { value: "1d", label: "1 day", ms: DAY },
  { value: "7d", label: "1 week", ms: 7 * DAY },
  { value: "30d", label: "30 days", ms: 30 * DAY },
];

export const INVITES: readonly Duration[] = [
  { value: "1h", label: "1 hour", ms: HOUR },
  { value: "1d", label: "1 day", ms: DAY },
  { value: "7d", label: "7 days", ms: 7 * DAY },
  { value: "30d", label: "30 days", ms: 30 * DAY },
];

/** How often each member may write. */
export const SLOW_MODES: readonly Duration[] = [
  { value: "0", label: "Off", ms: 0 },
  { value: "5s", label: "Every 5 seconds", ms: 5_000 },
  { value: "15s", label: "Every 15 seconds", ms: 15_000 },
  { value: "1m", label: "Once a minute", ms: MINUTE },
  { value: "5m", label: "Every 5 minutes", ms: 5 * MINUTE },
  { value: "1h", label: "Once an hour", ms: HOUR },
];

export const msOf = (choices: readonly Duration[], value: string): number =>
  choices.find((choice) => choice.value === value)?.ms ?? 0;

/** The choice for a number that may have been set elsewhere: it is added when it is none of them. */
export function withPresent(choices: readonly Duration[], ms: number): readonly Duration[] {
  if (choices.some((choice) => choice.ms === ms)) return choices;
  return [...choices, { value: `${ms}ms`, label: `Every ${Math.round(ms / 1000)} seconds`, ms }];
}
