import { describe, expect, it } from "vitest";
import { actionWords, detailParts, shortHash, shortId, subjectOf } from "./audit-words.ts";

const ID = "019d2f7a-1c00-7abc-8def-0123456789ab";

it("knows acts by their name, and shows the others as they are", () => {
  expect([actionWords("ban.create"), actionWords("game.end")]).toEqual(["Banned", "game.end"]);
});

it("shortens ids and seals, and nothing else", () => {
  expect([shortId(ID), shortId("lobby"), shortHash("ab".repeat(32)), shortHash("abcdef")]).toEqual([
    "…456789ab",
    "lobby",
    "ababab…ababab",
    "abcdef",
  ]);
});

describe("detailParts", () => {
  it("leaves out what is empty", () => expect(detailParts({ until: null, reason: "" })).toEqual([]));
  it("turns times into dates and shortens ids", () => {
    const [ban, until] = detailParts({ ban: ID, until: Date.UTC(2026, 10, 21, 12) });
    expect(ban).toEqual({ name: "ban", value: "…456789ab", full: ID });
    expect(until?.value).toMatch(/2026/);
  });
  it("writes out what is no text", () => {
    expect(detailParts({ sessions: 3, ids: ["a"] }).map(({ value }) => value)).toEqual(["3", '["a"]']);
  });
});

it.each([
  ["warn", {}, "person", ID],
  ["room.kick", { room: "r" }, "person", ID],
  ["room.delete", {}, "room", ID],
  ["ban.create", { ban: "b" }, "person", ID],
  ["ban.lift", { cidr: "203.0.113.0/24" }, "other", "203.0.113.0/24"],
  ["report.update", { to: "resolved" }, "other", ID],
] as const)("knows of what the subject of %s is the id", (action, detail, kind, text) => {
  expect(subjectOf({ action, subject: ID, detail })).toEqual({ kind, text });
});
