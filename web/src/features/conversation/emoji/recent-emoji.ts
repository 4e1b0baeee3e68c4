/** The emoji this person used last, the latest first. */
const KEY = "hubbub.emoji";
const MOST = 16;

/** What stands there before anything was used. */
const FIRST = ["👍", "❤️", "😂", "🎉", "🙏", "👀", "🔥", "✅"];

export function recentEmoji(): readonly string[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(KEY) ?? "[]");
    const used = Array.isArray(kept) ? kept.filter((each) => typeof each === "string") : [];
    return [...new Set([...used, ...FIRST])].slice(0, MOST);
  } catch {
    return FIRST;
  }
}

export function rememberEmoji(emoji: string): void {
  try {
    localStorage.setItem(KEY, JSON.stringify([emoji, ...recentEmoji().filter((each) => each !== emoji)]));
  } catch {
    // It is a convenience: without storage the first ones remain.
  }
}
