import { expect, it } from "vitest";
import { highlight, wordsOf } from "./highlight.ts";

it("knows what a search asks for", () => {
  expect(wordsOf('Tea "green LEAVES" -milk -"no sugar" or tea')).toEqual(["tea", "green", "leaves"]);
  expect(wordsOf("!!!")).toEqual([]);
});

it("marks words where they begin", () => {
  const marked = (text: string, ...words: string[]) =>
    highlight(text, words)
      .map(({ text: part, isFound }) => (isFound ? `[${part}]` : part))
      .join("");
  expect(marked("Tea and teapots, not steam", "tea")).toBe("[Tea] and [tea]pots, not steam");
  expect(marked("a.b (c)", "a", "c")).toBe("[a].b ([c])");
  expect(marked("чай и чайник", "чай")).toBe("[чай] и [чай]ник");
  expect(marked("nothing")).toBe("nothing");
  expect(marked("", "a")).toBe("");
});
