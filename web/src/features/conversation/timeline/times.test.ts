import { describe, expect, it } from "vitest";
import { countdown, dayOf, dayTitle, shortMoment } from "./times.ts";
import { seenLine, typingLine } from "./typing-line.ts";
import { targetOf } from "./use-roving-rows.ts";

const NOW = new Date(2024, 4, 15, 14, 30).getTime();
const HOUR = 3_600_000;

describe("days", () => {
  it("are named by how near they are", () => {
    expect(dayTitle(NOW, NOW)).toBe("Today");
    expect(dayTitle(new Date(2024, 4, 14, 23, 59).getTime(), NOW)).toBe("Yesterday");
    expect(dayTitle(new Date(2024, 4, 3).getTime(), NOW)).toMatch(/3/);
    expect(dayTitle(new Date(2024, 4, 3).getTime(), NOW)).not.toMatch(/2024/);
    expect(dayTitle(new Date(2021, 4, 3).getTime(), NOW)).toMatch(/2021/);
  });

  it("begin at midnight, whatever the clocks do", () => {
    expect(new Date(dayOf(NOW)).getHours()).toBe(0);
    expect(dayOf(dayOf(NOW))).toBe(dayOf(NOW));
  });
});

it("tells moments in short", () => {
  expect(shortMoment(NOW - 5_000, NOW)).toBe("now");
  expect(shortMoment(NOW - 5 * 60_000, NOW)).toBe("5 minutes ago");
  expect(shortMoment(NOW - 3 * HOUR, NOW)).toMatch(/30/);
  expect(shortMoment(NOW - 400 * 24 * HOUR, NOW)).toMatch(/2023/);
});

it.each([
  [0, "0:00"],
  [6_001, "0:07"],
  [90_000, "1:30"],
  [2 * HOUR, "2:00:00"],
])("counts %d ms down as %s", (ms, words) => {
  expect(countdown(ms)).toBe(words);
});

it("names who types, and who has seen it", () => {
  expect(typingLine([])).toBe("");
  expect(typingLine(["Ada"])).toBe("Ada is typing…");
  expect(typingLine(["Ada", "Bob"])).toBe("Ada and Bob are typing…");
  expect(typingLine(["Ada", "Bob", "Cleo", "Dan"])).toBe("Several people are typing…");
  expect(seenLine(["Ada"])).toBe("Seen by Ada");
  expect(seenLine(["Ada", "Bob", "Cleo", "Dan"])).toBe("Seen by Ada, Bob, Cleo, and 1 other");
});

it("leads from row to row", () => {
  expect(targetOf("ArrowUp", 0, 5)).toBe(0);
  expect(targetOf("ArrowDown", 3, 5)).toBe(4);
  expect(targetOf("PageUp", 50, 100)).toBe(40);
  expect(targetOf("Home", 3, 5)).toBe(0);
  expect(targetOf("End", 3, 5)).toBe(4);
  expect(targetOf("a", 3, 5)).toBeUndefined();
});
