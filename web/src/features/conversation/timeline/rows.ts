import type { TimelineMessage } from "@hubbub/client/store";
import { dayOf } from "./times.ts";

/** What one row of the list shows. A row keeps its identity as long as nothing of it changes. */
export interface Row {
  readonly message: TimelineMessage;
  readonly id: string;
  /** Shows who wrote it; rows after it are of the same person. */
  readonly isFirst: boolean;
  /** Begins a day. */
  readonly isNewDay: boolean;
  /** The first one that was not read when the room was opened. */
  readonly isFirstUnread: boolean;
  /** Nothing stands before it. */
  readonly isStart: boolean;
}

/** Messages of one person that follow each other so soon are one group. */
const GROUP_MS = 5 * 60_000;

function continues(message: TimelineMessage, before: TimelineMessage): boolean {
  return (
    message.author.id === before.author.id &&
    message.at - before.at < GROUP_MS &&
    !message.replyTo &&
    !message.deleted &&
    !before.deleted
  );
}

/** The row as it was made last for the same message. */
const made = new WeakMap<TimelineMessage, Row>();

const isSame = (one: Row, other: Row) =>
  one.isFirst === other.isFirst &&
  one.isNewDay === other.isNewDay &&
  one.isFirstUnread === other.isFirstUnread &&
  one.isStart === other.isStart;

/** What the rows depend on beside the messages. */
export interface Standing {
  readonly dividerSeq: number | null;
  readonly hasOlder: boolean;
}

function rowOf(message: TimelineMessage, before: TimelineMessage | undefined, standing: Standing): Row {
  const { dividerSeq, hasOlder } = standing;
  const isNewDay = !before || dayOf(message.at) !== dayOf(before.at);
  const isBeyond = dividerSeq !== null && message.status === "sent" && message.seq > dividerSeq;
  // Whether the first one that is loaded is also the first one unread is not known while older ones remain.
  const isFirstUnread = isBeyond && (before ? before.seq <= (dividerSeq ?? 0) : !hasOlder);
  const isFirst = isNewDay || isFirstUnread || !before || !continues(message, before);
  const row = { message, id: message.id, isFirst, isNewDay, isFirstUnread, isStart: !before && !hasOlder };
  const last = made.get(message);
  if (last && isSame(last, row)) return last;
  made.set(message, row);
  return row;
}

/** The rows of a timeline. Unchanged messages give the very rows they gave before, so that React passes them over. */
export function rowsOf(items: readonly TimelineMessage[], standing: Standing): readonly Row[] {
  return items.map((message, at) => rowOf(message, items[at - 1], standing));
}

/**
 * Makes the rows of one timeline again and again. Most changes are one message in a long list: what stands before and
 * after it is taken over as it was.
 */
export class Rows {
  #items: readonly TimelineMessage[] = [];
  #rows: readonly Row[] = [];
  #standing: Standing = { dividerSeq: null, hasOlder: false };

  of(items: readonly TimelineMessage[], standing: Standing): readonly Row[] {
    const { dividerSeq, hasOlder } = this.#standing;
    const isSame = dividerSeq === standing.dividerSeq && hasOlder === standing.hasOlder;
    if (!isSame || items !== this.#items)
      this.#rows = isSame ? this.#changed(items, standing) : rowsOf(items, standing);
    [this.#items, this.#standing] = [items, standing];
    return this.#rows;
  }

  #changed(items: readonly TimelineMessage[], standing: Standing): readonly Row[] {
    const [before, rows] = [this.#items, this.#rows];
    const shorter = Math.min(items.length, before.length);
    let head = 0;
    while (head < shorter && items[head] === before[head]) head += 1;
    let tail = 0;
    while (tail < shorter - head && items[items.length - 1 - tail] === before[before.length - 1 - tail]) tail += 1;
    // The first one after the change has another neighbour: it may no longer continue a group.
    if (tail > 0) tail -= 1;
    const middle: Row[] = [];
    for (let at = head; at < items.length - tail; at += 1) {
      const message = items[at];
      if (message) middle.push(rowOf(message, items[at - 1], standing));
    }
    return rows.slice(0, head).concat(middle, tail > 0 ? rows.slice(-tail) : []);
  }
}

/** What happened to a list at its ends, told by the ids of its first and last rows. */
export type Change = "same" | "prepended" | "replaced";

export interface Ends {
  readonly first: string;
  readonly last: string;
}

export function endsOf(rows: readonly Row[]): Ends | undefined {
  const [first, last] = [rows[0], rows.at(-1)];
  return first && last ? { first: first.id, last: last.id } : undefined;
}

/** Compares a list with how it ended before. */
export function changeOf(before: Ends | undefined, rows: readonly Row[]): Change {
  const now = endsOf(rows);
  if (!before || !now || before.first === now.first) return "same";
  if (before.last === now.last) return rows.some((row) => row.id === before.first) ? "prepended" : "same";
  const has = (id: string) => rows.some((row) => row.id === id);
  if (has(before.first)) return "prepended";
  return has(before.last) ? "same" : "replaced";
}
