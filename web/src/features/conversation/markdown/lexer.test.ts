import { expect, it } from "vitest";
import { tokensOf } from "./lexer.ts";

it.each([
  ["stars", "*".repeat(4_000)],
  ["unclosed marks", "**a ".repeat(1_000)],
  ["long words", `${"a".repeat(3_990)}@`],
  ["underscores", "_a".repeat(2_000)],
  ["brackets", "[".repeat(4_000)],
  ["links", "[a](".repeat(1_000)],
  ["backticks", "`".repeat(3_999) + "a"],
  ["quotes", ">".repeat(4_000)],
  ["nested lists", "- ".repeat(2_000)],
  ["tildes", "~~a".repeat(1_300)],
  ["angles", "<a".repeat(2_000)],
  ["mentions", "@a".repeat(2_000)],
  ["rooms", "#a ".repeat(1_333)],
  ["addresses", "a@".repeat(2_000)],
  ["pipes", "|a".repeat(2_000)],
  ["emoji", "👩🏽‍🚀".repeat(500)],
  ["white space", " \n".repeat(2_000)],
])("a text of %s takes no long time", (_, body) => {
  const begun = performance.now();
  tokensOf(body);
  expect(performance.now() - begun).toBeLessThan(1_000);
});

it("shows a strange text as it is", () => {
  const body = "> ".repeat(50) + "deep";
  expect(tokensOf(body)).toMatchObject([{ type: "paragraph", text: body }]);
});
