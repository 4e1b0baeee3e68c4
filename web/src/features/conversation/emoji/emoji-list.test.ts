import { expect, it } from "vitest";
import { isEmojiOnly } from "../markdown/emoji-only.ts";
import { findEmoji, loadEmoji } from "./emoji-list.ts";
import { recentEmoji, rememberEmoji } from "./recent-emoji.ts";

it("offers emoji that are emoji, each once, each with a name", async () => {
  const all = (await loadEmoji()).flatMap((group) => group.emoji);
  expect(all.length).toBeGreaterThan(500);
  expect(new Set(all.map((each) => each.emoji)).size).toBe(all.length);
  for (const { emoji, name } of all) {
    expect(isEmojiOnly(emoji), `${emoji} ${name}`).toBe(true);
    // The server takes no longer ones.
    expect(new TextEncoder().encode(emoji).length).toBeLessThanOrEqual(32);
    expect(name).toMatch(/^[a-z0-9 ',-]+$/);
  }
});

it.each([
  ["tada", "🎉"],
  ["+1", "👍"],
  ["rocket", "🚀"],
  [":heart:", "❤️"],
  ["thumbs_up", "👍"],
])("finds %s", async (query, emoji) => {
  const found = findEmoji(await loadEmoji(), query, 8).map((each) => each.emoji);
  expect(found).toContain(emoji);
});

it("remembers what was used last, first", () => {
  rememberEmoji("🦀");
  rememberEmoji("🚀");
  rememberEmoji("🦀");
  expect(recentEmoji().slice(0, 2)).toEqual(["🦀", "🚀"]);
  localStorage.setItem("hubbub.emoji", "{broken");
  expect(recentEmoji()).toContain("👍");
});
