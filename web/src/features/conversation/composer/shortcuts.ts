/** A text field's text and what is chosen in it. */
export interface Editing {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** The marks that keys put around what is chosen. */
const MARKS: Readonly<Record<string, string>> = { b: "**", i: "_", e: "`" };

/** The mark of a pressed key, if it stands for one. */
export const markOf = (key: string): string | undefined => MARKS[key.toLowerCase()];

/** Puts a mark around the chosen text, or takes it away where it stands already. The choice stays on the same words. */
export function toggleMark({ text, start, end }: Editing, mark: string): Editing {
  const { length } = mark;
  const [before, chosen, after] = [text.slice(0, start), text.slice(start, end), text.slice(end)];
  if (before.endsWith(mark) && after.startsWith(mark)) {
    return { text: before.slice(0, -length) + chosen + after.slice(length), start: start - length, end: end - length };
  }
  if (chosen.length >= 2 * length && chosen.startsWith(mark) && chosen.endsWith(mark)) {
    return { text: before + chosen.slice(length, -length) + after, start, end: end - 2 * length };
  }
  return { text: before + mark + chosen + mark + after, start: start + length, end: end + length };
}

/** Puts a text in the place of what is chosen; the caret stands after it. */
export function insert({ text, start, end }: Editing, words: string): Editing {
  const caret = start + words.length;
  return { text: text.slice(0, start) + words + text.slice(end), start: caret, end: caret };
}
