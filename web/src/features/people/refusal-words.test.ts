import { expect, it } from "vitest";
import { refusalWords } from "./refusal-words.ts";

it("says what to do about what it knows", () => {
  expect(refusalWords({ reason: "USER_NOT_FOUND", message: "no such user" })).toContain("Nobody has this name");
});

it("prefers the word about a field, and otherwise takes the server's", () => {
  const fields = { user: "unblock them first" };
  expect(refusalWords({ reason: "FIELD_INVALID", message: "invalid", fields })).toBe("Unblock them first.");
  expect(refusalWords({ reason: "SOMETHING_NEW", message: "not on a Sunday" })).toBe("Not on a Sunday.");
});

it("does not call a missing answer a refusal", () => {
  expect(refusalWords(undefined)).toContain("no answer");
});
