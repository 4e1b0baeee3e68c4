import type { TimelineMessage } from "@hubbub/client/store";
import { describe, expect, it } from "vitest";
import { changeOf, endsOf, Rows, rowsOf } from "./rows.ts";

const NOON = new Date(2024, 4, 3, 12).getTime();
const MINUTE = 60_000;

function message(seq: number, more: Partial<TimelineMessage> = {}): TimelineMessage {
  const [id, at] = [`m${seq}`, NOON + seq * 1_000];
  const author = { id: "ada", name: "Ada" };
  const given = {
    id,
    key: id,
    message: id,
    room: "r",
    seq,
    at,
    author,
    body: "hi",
    rev: 1,
    reactions: [],
    mentions: [],
  };
  return { ...given, status: "sent", ...more };
}

const ALL = { dividerSeq: null, hasOlder: false };
const bob = { author: { id: "bob", name: "Bob" } };

describe("groups", () => {
  it("are of one person, within five minutes, of one day", () => {
    const items = [
      message(1),
      message(2),
      message(3, bob),
      message(4, { ...bob, at: NOON + 6 * MINUTE }),
      message(5, { ...bob, at: NOON + 12 * 60 * MINUTE }),
    ];
    const rows = rowsOf(items, ALL);
    expect(rows.map((row) => row.isFirst)).toEqual([true, false, true, true, true]);
    expect(rows.map((row) => row.isNewDay)).toEqual([true, false, false, false, true]);
  });

  it("end at replies and at what was deleted", () => {
    const rows = rowsOf([message(1), message(2, { replyTo: "m1" }), message(3, { deleted: true }), message(4)], ALL);
    expect(rows.every((row) => row.isFirst)).toBe(true);
  });
});

describe("the unread divider", () => {
  const at = (dividerSeq: number | null, hasOlder = false) =>
    rowsOf([message(5), message(6), message(9)], { dividerSeq, hasOlder }).findIndex((row) => row.isFirstUnread);

  it("stands before the first message beyond, and begins a group", () => {
    expect(at(5)).toBe(1);
    expect(at(7)).toBe(2);
    expect(at(9)).toBe(-1);
    expect(at(null)).toBe(-1);
    expect(rowsOf([message(5), message(6)], { dividerSeq: 5, hasOlder: false })[1]?.isFirst).toBe(true);
  });

  it("stands at the beginning only if nothing older is unread", () => {
    expect(at(0)).toBe(0);
    expect(at(0, true)).toBe(-1);
  });

  it("never stands before what is not sent", () => {
    const pending = message(Number.POSITIVE_INFINITY, { status: "pending" });
    expect(rowsOf([message(5), pending], { dividerSeq: 5, hasOlder: false })[1]?.isFirstUnread).toBe(false);
  });
});

it("keeps the rows of messages that did not change", () => {
  const items = [message(1), message(2), message(3)];
  const before = rowsOf(items, ALL);
  const after = rowsOf([message(0), ...items.slice(0, 2), { ...message(3), body: "changed" }], ALL);
  expect(after[1]).not.toBe(before[0]);
  expect(after[2]).toBe(before[1]);
  expect(after[3]).not.toBe(before[2]);
});

describe("what became of a list", () => {
  const rows = (...seqs: number[]) =>
    rowsOf(
      seqs.map((seq) => message(seq)),
      ALL,
    );
  const ends = endsOf(rows(10, 11, 12));

  it.each([
    ["nothing", [10, 11, 12], "same"],
    ["appended", [10, 11, 12, 13], "same"],
    ["cut at the beginning", [11, 12], "same"],
    ["prepended", [8, 9, 10, 11, 12], "prepended"],
    ["both", [9, 10, 11, 12, 13], "prepended"],
    ["exchanged", [1, 2, 3], "replaced"],
    ["emptied", [], "same"],
  ] as const)("%s", (_, seqs, change) => {
    expect(changeOf(ends, rows(...seqs))).toBe(change);
  });
});

it("makes the same rows by the change as from the beginning", () => {
  const base = [1, 2, 3, 4, 5, 6].map((seq) => message(seq, seq % 3 === 0 ? bob : {}));
  const [one, two, three, four, five, six] = base as [TimelineMessage, ...TimelineMessage[]] & TimelineMessage[];
  const edited = { ...message(3), body: "changed" };
  const lists = [
    base,
    [...base, message(7)],
    [message(0), ...base],
    [one, two, edited, four, five, six],
    [one, two, four, five, six],
    [two, three],
    [],
    base,
    [message(20), message(21)],
    [one, one, two].slice(1),
  ].map((list) => list.filter((item) => item !== undefined));
  const maker = new Rows();
  for (const hasOlder of [true, false]) {
    for (const items of lists) {
      const standing = { dividerSeq: 3, hasOlder };
      expect(maker.of(items, standing)).toEqual(rowsOf(items, standing));
    }
  }
});
