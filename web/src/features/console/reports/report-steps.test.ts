import { describe, expect, it } from "vitest";
import type { ReportRow } from "../shapes.ts";
import { gistOf, isState, mayBecome, neighbour, replaceReport, STATES } from "./report-steps.ts";

const report = (id: string, rest: Partial<ReportRow> = {}): ReportRow => ({
  id,
  user: "u",
  category: "spam",
  note: "",
  state: "open",
  createdAt: 1,
  updatedAt: 1,
  ...rest,
});

it("only lets a report move on, as the server does", () => {
  const all = STATES.map(({ value }) => value);
  const allowed = all.flatMap((from) => all.filter((to) => mayBecome(from, to)).map((to) => `${from}>${to}`));
  expect(allowed).toEqual([
    "open>in_review",
    "open>resolved",
    "open>dismissed",
    "in_review>resolved",
    "in_review>dismissed",
  ]);
  expect([isState("open"), isState("closed"), isState(undefined)]).toEqual([true, false, false]);
});

describe("neighbour", () => {
  const rows = [report("a"), report("b"), report("c")];
  it.each([
    [undefined, 1, "a"],
    [undefined, -1, "c"],
    ["a", 1, "b"],
    ["c", 1, "c"],
    ["a", -1, "a"],
  ] as const)("of %s by %d is %s", (id, step, next) => expect(neighbour(rows, id, step)?.id).toBe(next));
  it("of nothing is nothing", () => expect(neighbour([], "a", 1)).toBeUndefined());
});

it("says in one line what a report is about", () => {
  expect(gistOf(report("a", { snapshot: "buy", note: "spam!" }))).toBe("buy");
  expect(gistOf(report("a", { note: "spam!" }))).toBe("spam!");
  expect(gistOf(report("a"))).toMatch(/person/);
});

it("replaces one report and no other", () => {
  const rows = [report("a"), report("b")];
  expect(replaceReport(rows, report("b", { state: "resolved" }))).toEqual([
    rows[0],
    report("b", { state: "resolved" }),
  ]);
});
