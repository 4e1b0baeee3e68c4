import { describe, expect, it } from "vitest";
import { accountWords, rangeWords, sampleWords } from "./ban-words.ts";
import type { BanPreview } from "./shapes.ts";
import { DAY_MS } from "./time-words.ts";

const quiet: BanPreview = {
  cidr: "203.0.113.0/24",
  users: 0,
  admins: 0,
  sample: [],
  liveConnections: 0,
  reportedUsers: 0,
};

describe("sampleWords", () => {
  it("joins names as people do", () => {
    expect(sampleWords(["ada"], 1)).toBe("ada");
    expect(sampleWords(["ada", "bob"], 2)).toBe("ada and bob");
    expect(sampleWords(["ada", "bob", "cy"], 3)).toBe("ada, bob and cy");
  });
  it("counts those it does not name", () => {
    expect(sampleWords(["a", "b", "c", "d", "e", "f"], 40)).toBe("a, b, c, d, e and 35 more");
  });
});

describe("rangeWords", () => {
  it("says when nobody is hit", () => {
    expect(rangeWords(quiet, "enforce", DAY_MS, 0)).toEqual([
      "Nobody has used these addresses in the last 30 days.",
      "No live connection is closed.",
      expect.stringMatching(/^The ban holds until .+ \(in 1 day\)\.$/),
    ]);
  });
  it("begins with the administrators", () => {
    const preview = {
      ...quiet,
      users: 3,
      admins: 1,
      sample: ["ada", "bob", "cy"],
      liveConnections: 1,
      reportedUsers: 2,
    };
    expect(rangeWords(preview, "enforce", undefined, 0)).toEqual([
      "1 administrator uses these addresses.",
      "3 people used these addresses in the last 30 days: ada, bob and cy.",
      "2 of them were reported in the last week.",
      "1 live connection is closed within two seconds.",
      "The ban holds for good.",
    ]);
  });
  it("closes nothing in shadow", () => {
    const words = rangeWords({ ...quiet, liveConnections: 9 }, "shadow", undefined, 0);
    expect(words.join(" ")).not.toMatch(/closed/);
    expect(words.at(-1)).toBe("Nobody is refused: attempts are counted for good.");
  });
});

it("tells what an account's ban does", () => {
  expect(accountWords("mallory", "enforce", undefined, 0)[0]).toBe(
    "mallory is logged out everywhere within two seconds and cannot log in any more.",
  );
  expect(accountWords("mallory", "shadow", undefined, 0)).toEqual([
    "mallory notices nothing; nobody else sees what they write from now on.",
  ]);
});
