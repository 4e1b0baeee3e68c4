import { expect, it } from "vitest";
import { plainText } from "./plain-text.ts";

it.each([
  ["**bold** and `code`", "bold and code"],
  ["one\ntwo\n\nthree", "one two three"],
  ["> quoted\n\n- a\n- b", "quoted a b"],
  ["[words](https://example.org) @ada #tea", "words @ada #tea"],
  ["<b>text</b>", "<b>text</b>"],
])("%j reads %j", (body, words) => {
  expect(plainText(body)).toBe(words);
});

it("ends a long text between characters", () => {
  expect(plainText("🎉".repeat(300))).toBe(`${"🎉".repeat(200)}…`);
});
