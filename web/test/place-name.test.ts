import { expect, test } from "vitest";
import type { RoomSummary } from "@hubbub/client/store";
import { placeName, windowTitle } from "../src/app/shell/place-name.ts";

const room = (from: Partial<RoomSummary>): RoomSummary => ({
  id: "r1",
  kind: "channel",
  name: "tea",
  topic: "",
  head: 0,
  read: 0,
  unread: 0,
  mentions: 0,
  slowModeMs: 0,
  ...from,
});

test("a room is named as it is written", () => {
  const rooms = [room({}), room({ id: "r2", kind: "direct", name: "Ada" })];
  expect(placeName("/rooms/r1", rooms)).toBe("#tea");
  expect(placeName("/rooms/r2/thread/t", rooms)).toBe("Ada");
  expect(placeName("/rooms/gone", rooms)).toBe("Room");
  expect(placeName("/settings/profile", rooms)).toBe("Settings");
});

test("the title counts what is said to oneself, and marks the rest", () => {
  expect(windowTitle("#tea", [room({})])).toBe("#tea · Hubbub");
  expect(windowTitle("#tea", [room({ unread: 7 })])).toBe("• #tea · Hubbub");
  const rooms = [room({ unread: 7, mentions: 2 }), room({ id: "r2", kind: "direct", unread: 3 })];
  expect(windowTitle("#tea", rooms)).toBe("(5) #tea · Hubbub");
});
