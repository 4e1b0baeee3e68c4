import { expect, it } from "vitest";
import { placeOf, sortOf } from "./notification-place.ts";

it("leads to the message, in its thread if it has one", () => {
  expect(placeOf({ kind: "mention", data: { room: "r", message: "m" } })).toBe("/rooms/r/m/m");
  expect(placeOf({ kind: "mention", data: { room: "r", message: "m", thread: "t" } })).toBe("/rooms/r/thread/t");
});

it("leads to people", () => {
  expect(placeOf({ kind: "friend.requested", data: { user: "u" } })).toBe("/friends");
  expect(placeOf({ kind: "friend.accepted", data: { user: "u" } })).toBe("/direct/u");
});

it("leads nowhere when there is nothing to see, and never out of its place", () => {
  expect(placeOf({ kind: "moderation", data: { report: "x" } })).toBeUndefined();
  expect(placeOf({ kind: "mention", data: { room: 7 } })).toBeUndefined();
  expect(placeOf({ kind: "mention", data: { room: "a/../b" } })).toBe("/rooms/a%2F..%2Fb");
});

it("takes kinds it does not know for plain notices", () => {
  expect(sortOf("friend.requested")).toBe("request");
  expect(sortOf("something.new")).toBe("notice");
});
