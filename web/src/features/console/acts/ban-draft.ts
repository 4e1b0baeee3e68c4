import type { BanMode, NewBan } from "../shapes.ts";
import { BAN_PRESETS, RANGE_PRESETS, untilOf, type UntilChoice } from "../until.ts";
import { isReason } from "./reason-field.tsx";

export type BanKind = "user" | "range";

/** A ban as it is being written. */
export interface BanDraft {
  readonly kind: BanKind;
  readonly name: string;
  readonly cidr: string;
  readonly reason: string;
  readonly mode: BanMode;
  readonly until: UntilChoice;
}

export const emptyBan = (kind: BanKind): BanDraft => ({
  kind,
  name: "",
  cidr: "",
  reason: "",
  mode: "enforce",
  until: { preset: "7d", moment: "" },
});

export const presetsOf = (kind: BanKind) => (kind === "user" ? BAN_PRESETS : RANGE_PRESETS);

/** Changes what is banned; a choice of time that this kind does not have becomes the usual one. */
export function ofKind(draft: BanDraft, kind: BanKind): BanDraft {
  const isKnown = draft.until.preset === "custom" || presetsOf(kind).some(({ value }) => value === draft.until.preset);
  return { ...draft, kind, until: isKnown ? draft.until : emptyBan(kind).until };
}

/** How a typed name is sent: `@name`, with or without the sign in front. */
export const nameOf = (typed: string): string => typed.trim().replace(/^@/, "");

/** What is sent; says why when it is not ready. A known person is named by their id. */
export function banOf(draft: BanDraft, userId: string | undefined, now: number): { ban?: NewBan; why?: string } {
  const { until, why } = untilOf(draft.until, presetsOf(draft.kind), now);
  if (why) return { why };
  if (!isReason(draft.reason)) return { why: "A reason is needed" };
  const rest = { reason: draft.reason.trim(), mode: draft.mode, until };
  if (draft.kind === "range") return { ban: { cidr: draft.cidr.trim(), ...rest } };
  const user = userId ?? (nameOf(draft.name) && `@${nameOf(draft.name)}`);
  return user ? { ban: { user, ...rest } } : { why: "Whom?" };
}
