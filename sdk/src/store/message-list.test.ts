import fc from "fast-check";
import { expect, test } from "vitest";

import { message } from "../../test/fake-client.ts";
import { MessageList } from "./message-list.ts";
import { shown } from "./messages-state.ts";
import type { TimelineMessage } from "./types.ts";

const item = (seq: number, body = "") => shown(message(seq, { body }), "me");

interface Step {
  from: number;
  size: number;
  kind: "put" | "without" | "replaced";
}

const step: fc.Arbitrary<Step> = fc.record({
  from: fc.nat(3_000),
  size: fc.nat(700),
  kind: fc.constantFrom("put", "without", "replaced"),
});

/** The same with a plain array. */
function plain(rows: readonly TimelineMessage[], from: number, to: number, put: readonly TimelineMessage[]) {
  return [...rows.filter((row) => row.seq < from), ...put, ...rows.filter((row) => row.seq >= to)];
}

test("it is what a plain array would be, and no version changes", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
      let list = MessageList.empty;
      let rows: readonly TimelineMessage[] = [];
      const versions: [MessageList, readonly TimelineMessage[]][] = [];
      for (const [at, { from, size, kind }] of steps.entries()) {
        const put = Array.from({ length: size }, (_, index) => item(from + index * 2, `${at}`));
        if (kind === "put") {
          list = list.put(item(from, `${at}`));
          rows = plain(rows, from, from + 1, [item(from, `${at}`)]);
        } else if (kind === "without") {
          list = list.without(`m${from}`);
          rows = plain(rows, from, from + 1, []);
        } else {
          list = list.replaced(from, from + size * 2, put);
          rows = plain(rows, from, from + size * 2, put);
        }
        versions.push([list, rows]);
      }
      for (const [version, expected] of versions) {
        expect(version.toArray()).toEqual(expected);
        expect(version.length).toBe(expected.length);
        expect([version.first, version.last]).toEqual([expected[0], expected.at(-1)]);
      }
      const middle = rows[rows.length >> 1];
      if (middle) {
        expect(list.byId(middle.message)).toEqual(middle);
        expect(list.indexOf(middle.message)).toBe(rows.length >> 1);
        expect(list.indexOfSeq(middle.seq)).toBe(rows.length >> 1);
      }
      expect(list.newest(300)).toEqual(rows.slice(-300));
      expect(list.indexOf("nowhere")).toBe(-1);
      expect(list.indexOfSeq(Infinity)).toBe(rows.length);
    }),
    { numRuns: 100 },
  );
});

test("messages that did not change stay the same objects", () => {
  const before = MessageList.of(Array.from({ length: 1_000 }, (_, at) => item(at + 1)));
  const after = before.put(item(500, "new"));
  const [old, now] = [before.toArray(), after.toArray()];
  expect(now.filter((row, at) => row !== old[at]).map((row) => row.seq)).toEqual([500]);
});
