import { expect, it } from "vitest";
import { DAY_MS } from "../time-words.ts";
import { banOf, emptyBan, nameOf, ofKind } from "./ban-draft.ts";

it("names a typed person with an @ and a known one by the id", () => {
  const draft = { ...emptyBan("user"), name: " @mallory", reason: " spam " };
  const rest = { reason: "spam", mode: "enforce", until: 7 * DAY_MS };
  expect(banOf(draft, undefined, 0)).toEqual({ ban: { user: "@mallory", ...rest } });
  expect(banOf(draft, "u1", 0)).toEqual({ ban: { user: "u1", ...rest } });
  expect(nameOf("@@x")).toBe("@x");
});

it("is not ready without a person, a reason or an end", () => {
  const draft = emptyBan("user");
  expect(banOf({ ...draft, reason: "x" }, undefined, 0).why).toBe("Whom?");
  expect(banOf({ ...draft, name: "m", reason: "🦀".repeat(501) }, undefined, 0).why).toBe("A reason is needed");
  expect(banOf({ ...draft, until: { preset: "custom", moment: "" } }, "u1", 0).why).toBe("Choose a day and a time");
});

it("never bans a range for good", () => {
  const draft = ofKind({ ...emptyBan("user"), until: { preset: "ever", moment: "" } }, "range");
  expect(draft.until.preset).toBe("7d");
  expect(ofKind({ ...draft, until: { preset: "1d", moment: "" } }, "user").until.preset).toBe("1d");
});
