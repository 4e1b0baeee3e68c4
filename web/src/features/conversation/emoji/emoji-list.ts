import { rank } from "../composer/completion.ts";

export interface Emoji {
  readonly emoji: string;
  readonly name: string;
  /** Other words that find it. */
  readonly words: string;
}

export interface EmojiGroup {
  readonly title: string;
  readonly emoji: readonly Emoji[];
}

const ROW = /^(\S+) ([^|]+?)(?: \| (.+))?$/u;

/** Reads "😀 grinning | happy". */
function read(row: string): Emoji[] {
  const [, emoji, name, words = ""] = ROW.exec(row.trim()) ?? [];
  return emoji && name ? [{ emoji, name, words }] : [];
}

async function load(): Promise<readonly EmojiGroup[]> {
  const { EMOJI_GROUPS } = await import("./emoji-data.ts");
  return EMOJI_GROUPS.map(([title, rows]) => ({ title, emoji: rows.split(/,\s/).flatMap(read) }));
}

let loading: Promise<readonly EmojiGroup[]> | undefined;

/** The groups; loaded once. A failed download is tried again with the next call. */
export function loadEmoji(): Promise<readonly EmojiGroup[]> {
  loading ??= load().catch((error: unknown) => {
    loading = undefined;
    throw error;
  });
  return loading;
}

/** Those whose names or other words fit; what begins with the query first. */
export function findEmoji(groups: readonly EmojiGroup[], query: string, most: number): readonly Emoji[] {
  const all = groups.flatMap((group) => group.emoji);
  const spelled = query.trim().replace(/[_:]+/g, " ").trim();
  const byWord = all.filter(({ words }) => words.split(" ").some((word) => word.startsWith(spelled.toLowerCase())));
  const byName = rank(all, (each) => each.name, spelled, most);
  return [...new Set([...byWord, ...byName])].slice(0, most);
}
