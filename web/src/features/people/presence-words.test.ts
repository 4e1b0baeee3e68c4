import { describe, expect, it } from "vitest";
import { ago, endOf, isHere, ownLine, presenceLine, presenceState, untilWords } from "./presence-words.ts";

const NOW = new Date(2026, 4, 13, 15, 20).getTime(); // a Wednesday
const MINUTE = 60_000;

describe("ago", () => {
  it("counts in the largest unit that fits", () => {
    expect(ago(NOW - 20_000, NOW)).toBe("just now");
    expect(ago(NOW - 5 * MINUTE, NOW)).toBe("5 minutes ago");
    expect(ago(NOW - 3 * 60 * MINUTE, NOW)).toBe("3 hours ago");
    expect(ago(NOW - 25 * 60 * MINUTE, NOW)).toBe("yesterday");
  });

  it("is a date when it is long ago, with the year when it is another one", () => {
    expect(ago(new Date(2026, 1, 2).getTime(), NOW)).not.toContain("2026");
    expect(ago(new Date(2024, 1, 2).getTime(), NOW)).toContain("2024");
  });

  it("never says that something was in the future, whatever the clocks say", () => {
    expect(ago(NOW + 5_000, NOW)).toBe("just now");
  });
});

describe("presence in words", () => {
  it("prefers what people say of themselves", () => {
    expect(presenceLine({ status: "away", text: "At lunch" }, NOW)).toBe("At lunch");
    expect(presenceLine({ status: "away" }, NOW)).toBe("Away");
  });

  it("says when someone was here last", () => {
    expect(presenceState({ status: "offline", lastSeen: NOW - 2 * MINUTE }, NOW)).toBe("Last seen 2 minutes ago");
    expect(presenceState(undefined, NOW)).toBe("Offline");
  });

  it("counts as here whoever is not offline", () => {
    expect(isHere({ status: "dnd" })).toBe(true);
    expect(isHere({ status: "offline" })).toBe(false);
    expect(isHere(undefined)).toBe(false);
  });
});

describe("one's own status", () => {
  it("ends at midnight, or with the Sunday", () => {
    expect(endOf("always", NOW)).toBeUndefined();
    expect(endOf("hour", NOW)).toBe(NOW + 60 * MINUTE);
    expect(endOf("today", NOW)).toBe(new Date(2026, 4, 14).getTime());
    expect(endOf("week", NOW)).toBe(new Date(2026, 4, 18).getTime());
    const sunday = new Date(2026, 4, 17, 12).getTime();
    expect(endOf("week", sunday)).toBe(new Date(2026, 4, 18).getTime());
  });

  it("is over when its time is", () => {
    expect(ownLine({ status: "dnd", text: "Exam", until: NOW + 1 }, NOW)).toBe("Exam");
    expect(ownLine({ status: "dnd", text: "Exam", until: NOW }, NOW)).toBe("Online");
  });

  it("names the day when it ends on another one", () => {
    expect(untilWords(NOW + MINUTE, NOW)).toMatch(/^until \d/u);
    expect(untilWords(new Date(2026, 4, 15, 9).getTime(), NOW)).toContain("Fri");
  });
});
