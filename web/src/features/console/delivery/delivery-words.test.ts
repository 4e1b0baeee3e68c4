import { expect, it } from "vitest";
import {
  messageOf,
  outcomeWords,
  placeWords,
  progressWords,
  readOutcome,
  readProgress,
  readRule,
  toneOf,
} from "./delivery-words.ts";

const ROOM = "019d2f7a-1c00-7abc-8def-0123456789ab";
const MESSAGE = "019d2f7a-1c00-7abc-8def-ba9876543210";

it("takes a message's id out of whatever was copied", () => {
  expect(messageOf(MESSAGE)).toBe(MESSAGE);
  expect(messageOf(` https://chat.example.org/rooms/${ROOM}/m/${MESSAGE.toUpperCase()} `)).toBe(MESSAGE);
  expect(messageOf("hello")).toBeUndefined();
});

it("says the rule where there is one, and the outcome where there is none", () => {
  expect(outcomeWords({ outcome: "withheld", rule: "author_blocked" })).toMatch(/blocked/);
  expect(outcomeWords({ outcome: "offline", rule: undefined })).toMatch(/not connected/);
});

it("does not say of what is kept from somebody that it was handed over", () => {
  expect(progressWords("passed")).toBe("handed over");
  expect(progressWords("passed", "joined_later")).toMatch(/not told/);
  expect(progressWords("gone", "joined_later")).toBe("has ended");
});

it("counts places from the first message on", () => {
  expect([placeWords(0), placeWords(3)]).toEqual(["nothing yet", "up to no. 3"]);
});

it("shows what it does not know as unknown", () => {
  expect([readOutcome("teleported"), readOutcome(7), readOutcome("read")]).toEqual(["unknown", "unknown", "read"]);
  expect([readRule("whim"), readRule("banned")]).toEqual([undefined, "banned"]);
  expect([readProgress("whim"), readProgress("queued")]).toEqual(["unanswered", "queued"]);
});

it("is at ease when it arrived and alarmed when nobody knows", () => {
  expect((["read", "written", "offline", "withheld", "unknown"] as const).map(toneOf)).toEqual([
    "good",
    "good",
    "warn",
    "warn",
    "danger",
  ]);
});
