import type { Editing } from "./shortcuts.ts";

/** What is being written that can be completed: `@ad`, or `:roc`. */
export interface Completing {
  readonly kind: "person" | "emoji";
  readonly query: string;
  /** Where its sign stands. */
  readonly from: number;
}

const PERSON = /(?:^|[\s([{"'*_~>])@([A-Za-z0-9_.-]{0,32})$/;
/** Two letters at least: `:)` and `12:3` are no names of emoji. */
const EMOJI = /(?:^|[\s([{"'*_~>]):([a-z0-9_+-]{2,32})$/i;

/** Finds what is being completed at the caret; nothing while a stretch of text is chosen. */
export function completingAt({ text, start, end }: Editing): Completing | undefined {
  if (start !== end) return undefined;
  // The signs and names are short: what stands long before the caret is no part of them.
  const before = text.slice(Math.max(0, start - 40), start);
  const person = PERSON.exec(before)?.[1];
  if (person !== undefined) return { kind: "person", query: person, from: start - person.length - 1 };
  const emoji = EMOJI.exec(before)?.[1];
  if (emoji !== undefined) return { kind: "emoji", query: emoji, from: start - emoji.length - 1 };
  return undefined;
}

/** Puts the chosen words, and a space, in the place of what was being written. */
export function complete({ text, start }: Editing, { from }: Completing, words: string): Editing {
  const rest = text.slice(start).replace(/^ /, "");
  const caret = from + words.length + 1;
  return { text: `${text.slice(0, from)}${words} ${rest}`, start: caret, end: caret };
}

/** The names that fit best first: those that begin with the query, then those that have it somewhere. */
export function rank<T>(all: readonly T[], nameOf: (each: T) => string, query: string, most: number): readonly T[] {
  const wanted = query.toLowerCase();
  const begins: T[] = [];
  const has: T[] = [];
  for (const each of all) {
    const at = nameOf(each).toLowerCase().indexOf(wanted);
    if (at === 0) begins.push(each);
    else if (at > 0) has.push(each);
  }
  return [...begins, ...has].slice(0, most);
}
