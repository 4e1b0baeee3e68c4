/** What became of a message on its way to somebody, in words. */

import type { Delivery, DeliveryOutcome, DeliveryRule, SocketProgress } from "../shapes.ts";

const OUTCOMES: Readonly<Record<DeliveryOutcome, string>> = {
  read: "They have read it.",
  delivered: "A device of theirs has it.",
  written: "It was handed to a connection of theirs; no device has confirmed it yet.",
  waiting: "It is on its way to a connection of theirs.",
  withheld: "It is kept from them.",
  offline: "They are not connected. They get it when they come back.",
  unknown: "Nobody knows: none of their connections could be asked, or none follows the room.",
};

const RULES: Readonly<Record<DeliveryRule, string>> = {
  not_a_member: "They are not in the room.",
  joined_later: "They came into the room after it was written.",
  author_blocked: "One of the two has blocked the other.",
  author_shadowed: "Its author is banned in shadow: nobody else hears them.",
  banned: "They are banned from this installation.",
  hidden_by_user: "They removed it from their own devices.",
};

const PROGRESS: Readonly<Record<SocketProgress, string>> = {
  passed: "handed over",
  queued: "in the queue",
  behind: "reading on from the log, at its own pace",
  not_heard: "its gateway has not heard of the message yet",
  frozen: "its gateway may not speak in rooms at the moment",
  not_following: "does not follow the room",
  gone: "has ended",
  unanswered: "its gateway did not answer",
};

export const outcomeWords = ({ outcome, rule }: Pick<Delivery, "outcome" | "rule">): string =>
  rule ? RULES[rule] : OUTCOMES[outcome];

/** A connection goes past what is kept from its person without being told of it. */
export const progressWords = (progress: SocketProgress, rule?: DeliveryRule): string =>
  progress === "passed" && rule ? "past it, and not told" : PROGRESS[progress];

/** How far somebody is in a room; places begin with 1. */
export const placeWords = (seq: number): string => (seq > 0 ? `up to no. ${seq}` : "nothing yet");

export type Tone = "good" | "warn" | "danger";

const GOOD: readonly DeliveryOutcome[] = ["read", "delivered", "written"];

export const toneOf = (outcome: DeliveryOutcome): Tone =>
  GOOD.includes(outcome) ? "good" : outcome === "unknown" ? "danger" : "warn";

/** A server that knows more than this page does says something this page can show. */
export const readOutcome = (word: unknown): DeliveryOutcome =>
  typeof word === "string" && word in OUTCOMES ? (word as DeliveryOutcome) : "unknown";

export const readRule = (word: unknown): DeliveryRule | undefined =>
  typeof word === "string" && word in RULES ? (word as DeliveryRule) : undefined;

export const readProgress = (word: unknown): SocketProgress =>
  typeof word === "string" && word in PROGRESS ? (word as SocketProgress) : "unanswered";

const ID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi;

/** The id of a message from the id itself or from a link to it, whose last id it is. */
export const messageOf = (typed: string): string | undefined => typed.match(ID)?.at(-1)?.toLowerCase();
