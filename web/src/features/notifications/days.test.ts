import { expect, it } from "vitest";
import { byDay, dayTitle } from "./days.ts";

const NOW = new Date(2026, 4, 13, 15, 20).getTime(); // a Wednesday
const at = (day: number, hour = 12) => new Date(2026, 4, day, hour).getTime();

it("names days as people do", () => {
  expect(dayTitle(at(13, 0), NOW)).toBe("Today");
  expect(dayTitle(at(12, 23), NOW)).toBe("Yesterday");
  expect(dayTitle(at(10), NOW)).toBe("Sunday");
  expect(dayTitle(at(6), NOW)).toContain("May");
  expect(dayTitle(new Date(2024, 1, 1).getTime(), NOW)).toContain("2024");
  expect(dayTitle(at(14), NOW)).toBe("Today"); // a clock that is ahead
});

it("keeps the order and parts at midnight", () => {
  const days = byDay([{ at: at(13, 9) }, { at: at(13, 1) }, { at: at(12, 23) }], NOW);
  expect(days.map((day) => [day.title, day.items.length])).toEqual([
    ["Today", 2],
    ["Yesterday", 1],
  ]);
  expect(byDay([], NOW)).toEqual([]);
});
