import { describe, expect, it } from "vitest";
import type { Receipt } from "../gen/protocol.ts";
import { receiptsAfter } from "./room-state.ts";

type Told = { seq?: number; delivered?: number; thread?: string };

const told = (receipts: readonly Receipt[], data: Told) =>
  receiptsAfter(receipts, { type: "read.updated", room: "r", data: { user: "bob", ...data } } as never);

describe("receipts", () => {
  const before = [{ user: "bob", read: 3, delivered: 5 }];

  it("tell of what was read and of what only came", () => {
    expect(told(before, { seq: 7 })).toEqual([{ user: "bob", read: 7, delivered: 7 }]);
    expect(told(before, { delivered: 6 })).toEqual([{ user: "bob", read: 3, delivered: 6 }]);
    expect(told([], { delivered: 2 })).toEqual([{ user: "bob", read: 0, delivered: 2 }]);
  });

  it("stay the same for what is old, and for threads", () => {
    expect(told(before, { seq: 2 })).toBe(before);
    expect(told(before, { delivered: 5 })).toBe(before);
    expect(told(before, { seq: 9, thread: "t" })).toBe(before);
  });
});
