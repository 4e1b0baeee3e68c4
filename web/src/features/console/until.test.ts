import { describe, expect, it } from "vitest";
import { DAY_MS } from "./time-words.ts";
import { BAN_PRESETS, CUSTOM, MUTE_LONGEST_MS, MUTE_PRESETS, RANGE_PRESETS, untilOf } from "./until.ts";

const NOW = Date.parse("2026-11-21T12:00");
const at = (moment: string, longestMs?: number) => untilOf({ preset: CUSTOM, moment }, BAN_PRESETS, NOW, longestMs);

describe("untilOf", () => {
  it("counts a preset from now", () => {
    expect(untilOf({ preset: "7d", moment: "" }, BAN_PRESETS, NOW)).toEqual({ until: NOW + 7 * DAY_MS });
  });
  it("has no end for good", () => expect(untilOf({ preset: "ever", moment: "" }, BAN_PRESETS, NOW)).toEqual({}));
  it("takes a moment of the future", () => {
    expect(at("2026-11-22T12:00")).toEqual({ until: NOW + DAY_MS });
  });
  it("says why a moment is none", () => {
    expect(at("").why).toBe("Choose a day and a time");
    expect(at("2026-11-20T12:00").why).toBe("This is in the past");
    expect(at("2026-12-31T12:00", MUTE_LONGEST_MS).why).toBe("At most 28 days from now");
  });
  it("refuses a preset that another list has", () => {
    expect(untilOf({ preset: "ever", moment: "" }, RANGE_PRESETS, NOW).why).toBeDefined();
  });
});

it("stays under the longest mute", () => {
  for (const { ms } of MUTE_PRESETS) expect(ms).toBeLessThan(MUTE_LONGEST_MS);
});
