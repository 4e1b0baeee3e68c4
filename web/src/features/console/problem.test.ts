import { describe, expect, it } from "vitest";
import { inWords, isAborted, problemOf, sentence } from "./problem.ts";

const refused = (reason: string, message: string, fields = {}) => ({ kind: "refused", reason, message, fields });

describe("problemOf", () => {
  it("tells a command that is not there from one that is refused", () => {
    expect(problemOf(refused("UNKNOWN_TYPE", "no such type")).kind).toBe("missing");
    expect(problemOf(refused("RANGE_REFUSED", "this range is too wide"))).toMatchObject({
      kind: "refused",
      message: "This range is too wide.",
    });
  });
  it("names the field that was refused", () => {
    expect(problemOf(refused("FIELD_INVALID", "bad", { reason: "1 to 500 characters" })).message).toBe(
      "Reason: 1 to 500 characters.",
    );
  });
  it("never takes silence for a refusal", () => {
    for (const error of [new Error("timeout"), { kind: "unknown", reason: "", message: "" }, undefined, "x"]) {
      expect(problemOf(error).kind).toBe("unknown");
    }
  });
});

it("throws an error with the console's words", async () => {
  await expect(inWords(Promise.reject(refused("USER_NOT_FOUND", "?")))).rejects.toThrow("no account of this name");
  await expect(inWords(Promise.resolve(7))).resolves.toBe(7);
});

it("knows what was called off", () => {
  const aborted = Object.assign(new Error("stopped"), { kind: "aborted" });
  expect([isAborted(aborted), isAborted(new Error("x"))]).toEqual([true, false]);
});

it("makes sentences", () => {
  expect([sentence("too wide"), sentence("Wait!"), sentence("")]).toEqual(["Too wide.", "Wait!", "It was refused."]);
});
