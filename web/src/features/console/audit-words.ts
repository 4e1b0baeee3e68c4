/** Rows of the audit log in words. */

import { momentWords } from "./time-words.ts";
import type { AuditRow } from "./shapes.ts";

/** What the log calls an act, and how people call it. Acts that are not here are shown as they are. */
export const ACTIONS: Readonly<Record<string, string>> = {
  "ban.create": "Banned",
  "ban.lift": "Lifted a ban",
  mute: "Muted",
  unmute: "Lifted a mute",
  warn: "Warned",
  "report.update": "Moved a report on",
  "filter.create": "Added a word filter",
  "filter.delete": "Removed a word filter",
  "connection.disconnect": "Closed a connection",
  "connection.send": "Sent to a connection",
  "connection.broadcast": "Sent to everybody",
  "room.kick": "Removed from a room",
  "room.ban": "Banned from a room",
  "room.unban": "Lifted a room ban",
  "room.mute": "Muted in a room",
  "room.unmute": "Lifted a room mute",
  "room.delete": "Deleted a room",
  "message.delete": "Deleted a message",
  "role.set": "Changed a role",
  "sessions.revoke": "Ended sessions",
};

export const actionWords = (action: string): string => ACTIONS[action] ?? action;

const ID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Whether it is an id and not a word. */
export const isId = (text: string): boolean => ID.test(text);

/** Ids are ordered by time, so their ends tell them apart, not their beginnings. */
export const shortId = (id: string): string => (isId(id) ? `…${id.slice(-8)}` : id);

export const shortHash = (hash: string): string => (hash.length > 14 ? `${hash.slice(0, 6)}…${hash.slice(-6)}` : hash);

const ON_PERSONS = new Set(["mute", "unmute", "warn", "role.set", "sessions.revoke"]);

/** To whom or what it was done. The log holds an id; of what it is depends on the act. */
export function subjectOf({ action, subject, detail }: Pick<AuditRow, "action" | "subject" | "detail">): {
  readonly kind: "person" | "room" | "other";
  readonly text: string;
} {
  if (action === "room.delete") return { kind: "room", text: subject };
  if (action.startsWith("room.") || ON_PERSONS.has(action)) return { kind: "person", text: subject };
  if (!action.startsWith("ban.")) return { kind: "other", text: subject };
  // The subject of a range's ban is the ban; people know it by the range.
  return typeof detail["cidr"] === "string"
    ? { kind: "other", text: detail["cidr"] }
    : { kind: "person", text: subject };
}

export interface DetailPart {
  readonly name: string;
  readonly value: string;
  /** Whole, where `value` is shortened. */
  readonly full: string;
}

/** The fields of a row's detail without the range, which stands as the subject; what is empty says nothing. */
export function detailParts(detail: AuditRow["detail"]): DetailPart[] {
  return Object.entries(detail)
    .filter(([name, value]) => name !== "cidr" && value !== null && value !== undefined && value !== "")
    .map(([name, value]) => {
      const full = typeof value === "string" ? value : JSON.stringify(value);
      return { name, value: detailValue(name, value, full), full };
    });
}

function detailValue(name: string, value: unknown, full: string): string {
  if (typeof value === "number" && (name === "until" || name === "at" || name.endsWith("At")))
    return momentWords(value);
  return isId(full) ? shortId(full) : full;
}
