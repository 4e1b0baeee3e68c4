import { describe, expect, it } from "vitest";
import { agoWords, DAY_MS, HOUR_MS, MINUTE_MS, plural, spanWords, untilWords } from "./time-words.ts";

describe("spanWords", () => {
  it.each([
    [0, "less than a second"],
    [1_000, "1 second"],
    [90_000, "1 minute 30 seconds"],
    [5 * MINUTE_MS + 20_000, "5 minutes"],
    [HOUR_MS, "1 hour"],
    [2 * HOUR_MS + 30 * MINUTE_MS, "2 hours 30 minutes"],
    [DAY_MS + 6 * HOUR_MS, "1 day 6 hours"],
    [7 * DAY_MS - 1_000, "7 days"],
    [30 * DAY_MS + 5 * HOUR_MS, "30 days"],
  ])("%d ms is %s", (ms, words) => expect(spanWords(ms)).toBe(words));
});

describe("agoWords", () => {
  const now = Date.UTC(2026, 10, 21, 12);
  it.each([
    [10_000, "just now"],
    [MINUTE_MS, "1 min ago"],
    [3 * HOUR_MS, "3 h ago"],
    [DAY_MS, "1 day ago"],
    [40 * DAY_MS, "Oct 12, 2026"],
  ])("%d ms ago is %s", (ms, words) => expect(agoWords(now - ms, now)).toBe(words));

  it("takes a clock that is a little ahead for now", () => expect(agoWords(now + 5_000, now)).toBe("just now"));
});

describe("untilWords", () => {
  it("says for good without an end", () => expect(untilWords(undefined, 0)).toBe("for good"));
  it("says over for what has ended", () => expect(untilWords(5, 6)).toBe("over"));
  it("says how far away the end is", () => expect(untilWords(7 * DAY_MS, 0)).toMatch(/^until .+ \(in 7 days\)$/));
});

it("counts one and many", () => {
  expect([plural(1, "person", "people"), plural(2, "person", "people"), plural(1200, "ban")]).toEqual([
    "1 person",
    "2 people",
    "1,200 bans",
  ]);
});
