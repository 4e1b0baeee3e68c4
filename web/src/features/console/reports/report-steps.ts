/** A report only moves on: open → in review → resolved or dismissed. */

import type { ReportRow, ReportState } from "../shapes.ts";

export const STATES: readonly { readonly value: ReportState; readonly label: string }[] = [
  { value: "open", label: "Open" },
  { value: "in_review", label: "In review" },
  { value: "resolved", label: "Resolved" },
  { value: "dismissed", label: "Dismissed" },
];

export const STATE_TONES: Readonly<Record<ReportState, "warn" | "accent" | "good" | "plain">> = {
  open: "warn",
  in_review: "accent",
  resolved: "good",
  dismissed: "plain",
};

export const stateWords = (state: ReportState): string => STATES.find(({ value }) => value === state)?.label ?? state;

export const isState = (text: string | undefined): text is ReportState => STATES.some(({ value }) => value === text);

const ORDER: Readonly<Record<ReportState, number>> = { open: 0, in_review: 1, resolved: 2, dismissed: 2 };

export const mayBecome = (from: ReportState, to: ReportState): boolean => ORDER[to] > ORDER[from];

const CATEGORIES: Readonly<Record<string, string>> = {
  spam: "Spam",
  abuse: "Abuse",
  illegal: "Illegal",
  other: "Other",
  filter: "Word filter",
};

export const categoryWords = (category: string): string => CATEGORIES[category] ?? category;

export const CATEGORY_TONES: Readonly<Record<string, "danger" | "warn" | "plain">> = {
  illegal: "danger",
  abuse: "warn",
  filter: "warn",
};

/** One line about a report: what was written, else what the reporter says. */
export const gistOf = ({ snapshot, note, message }: ReportRow): string =>
  snapshot || note || (message ? "A message without text" : "A person, without a word about why");

export const replaceReport = (rows: readonly ReportRow[], report: ReportRow): readonly ReportRow[] =>
  rows.map((row) => (row.id === report.id ? report : row));

/** The neighbour in the list, for the keys j and k; at the end it stays. */
export function neighbour(rows: readonly ReportRow[], id: string | undefined, step: 1 | -1): ReportRow | undefined {
  const index = rows.findIndex((row) => row.id === id);
  if (index === -1) return step === 1 ? rows[0] : rows.at(-1);
  return rows[Math.min(rows.length - 1, Math.max(0, index + step))];
}
