import { afterEach, describe, expect, it } from "vitest";
import { bodyToSend, charactersLeft, isSendable } from "./body.ts";
import { complete, completingAt, rank } from "./completion.ts";
import { forgetDrafts, readDraft, writeDraft } from "./drafts.ts";
import { insert, markOf, toggleMark, type Editing } from "./shortcuts.ts";
import { TypingMarks } from "./typing-marks.ts";

/** `a[b]c`: the brackets stand around what is chosen; `|` is the caret. */
function editing(drawn: string): Editing {
  const text = drawn.replace(/[[\]|]/g, "");
  if (drawn.includes("|")) return { text, start: drawn.indexOf("|"), end: drawn.indexOf("|") };
  return { text, start: drawn.indexOf("["), end: drawn.indexOf("]") - 1 };
}
const drawn = ({ text, start, end }: Editing) =>
  start === end
    ? `${text.slice(0, start)}|${text.slice(start)}`
    : `${text.slice(0, start)}[${text.slice(start, end)}]${text.slice(end)}`;

describe("marks", () => {
  it.each([
    ["a [b] c", "a **[b]** c"],
    ["a **[b]** c", "a [b] c"],
    ["a [**b**] c", "a [b] c"],
    ["a |", "a **|**"],
    ["a **|**", "a |"],
  ])("%s becomes %s", (before, after) => {
    expect(drawn(toggleMark(editing(before), "**"))).toBe(after);
  });

  it("belong to keys", () => {
    expect([markOf("b"), markOf("I"), markOf("e"), markOf("x")]).toEqual(["**", "_", "`", undefined]);
    expect(drawn(insert(editing("a [b] c"), "🎉"))).toBe("a 🎉| c");
  });
});

describe("completion", () => {
  it.each([
    ["@|", "person", ""],
    ["hi @ad|", "person", "ad"],
    ["(@a.b-c|", "person", "a.b-c"],
    [":ro|", "emoji", "ro"],
    ["so :+1|", "emoji", "+1"],
  ])("of %s", (before, kind, query) => {
    expect(completingAt(editing(before))).toMatchObject({ kind, query });
  });

  it.each(["a@b|", "@ada |", ":|", ":)|", "12:30|", "http://x|", "[@ada]", ""])("not of %j", (before) => {
    expect(completingAt(editing(before || "|"))).toBeUndefined();
  });

  it("puts the name and one space in its place", () => {
    const before = editing("hi @ad| there");
    const completing = completingAt(before);
    expect(completing && drawn(complete(before, completing, "@ada"))).toBe("hi @ada |there");
  });

  it("offers what begins with the query first", () => {
    const names = ["Hannah", "Ann", "Bob", "Joanne"];
    expect(rank(names, (name) => name, "an", 8)).toEqual(["Ann", "Hannah", "Joanne"]);
    expect(rank(names, (name) => name, "", 2)).toEqual(["Hannah", "Ann"]);
  });
});

describe("the body", () => {
  it("counts characters, not units", () => {
    expect(charactersLeft("a")).toBeUndefined();
    expect(charactersLeft("a".repeat(3_900))).toBe(100);
    expect(charactersLeft("🎉".repeat(3_999))).toBe(1);
    expect(charactersLeft("a".repeat(4_001))).toBe(-1);
  });

  it("needs something to see", () => {
    for (const empty of ["", " \n", "\u200b", "\u3164".replace("\u3164", "\u2060")])
      expect(isSendable(empty)).toBe(false);
    expect(isSendable("a")).toBe(true);
    expect(isSendable("a".repeat(4_000))).toBe(true);
    expect(isSendable("a".repeat(4_001))).toBe(false);
    expect(bodyToSend("\n  code\n\n")).toBe("  code");
  });
});

describe("drafts", () => {
  afterEach(forgetDrafts);

  it("are kept by person and place", () => {
    writeDraft("ada", "room", "hello");
    writeDraft("ada", "room/thread", "there");
    expect(readDraft("ada", "room")).toBe("hello");
    expect(readDraft("ada", "room/thread")).toBe("there");
    expect(readDraft("bob", "room")).toBe("");
    writeDraft("ada", "room", "");
    expect(readDraft("ada", "room")).toBe("");
  });

  it("end with the session, and nothing else does", () => {
    localStorage.setItem("other", "stays");
    writeDraft("ada", "room", "hello");
    forgetDrafts();
    expect(readDraft("ada", "room")).toBe("");
    expect(localStorage.getItem("other")).toBe("stays");
  });
});

it("marks typing at most every three seconds, and its end once", () => {
  const told: boolean[] = [];
  let now = 0;
  const marks = new TypingMarks(
    (on) => told.push(on),
    () => now,
  );
  marks.stopped();
  marks.typed(" ");
  expect(told).toEqual([]);
  marks.typed("a");
  now = 2_999;
  marks.typed("ab");
  now = 3_000;
  marks.typed("abc");
  expect(told).toEqual([true, true]);
  marks.stopped();
  marks.stopped();
  expect(told).toEqual([true, true, false]);
});
