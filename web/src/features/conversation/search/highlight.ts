/** A stretch of text, and whether it is one of the words that were looked for. */
export interface Stretch {
  readonly text: string;
  readonly isFound: boolean;
}

/** The words a search asks for: without operators, quotes and what is excluded. */
export function wordsOf(query: string): readonly string[] {
  const wanted = query.replace(/(?:^|\s)-(?:"[^"]*"|\S+)/gu, " ");
  const words = wanted.match(/[\p{L}\p{N}\p{M}]+/gu) ?? [];
  return [...new Set(words.map((word) => word.toLowerCase()))].filter((word) => word !== "or");
}

const escaped = (word: string) => word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

/** Cuts a text where the words begin and end. A word is found at the beginning of a longer one too. */
export function highlight(text: string, words: readonly string[]): readonly Stretch[] {
  if (words.length === 0 || text === "") return [{ text, isFound: false }];
  const longestFirst = words.toSorted((one, other) => other.length - one.length);
  const pattern = new RegExp(`(?<![\\p{L}\\p{N}])(${longestFirst.map(escaped).join("|")})`, "giu");
  return text
    .split(pattern)
    .map((part, at) => ({ text: part, isFound: at % 2 === 1 }))
    .filter((stretch) => stretch.text !== "");
}
