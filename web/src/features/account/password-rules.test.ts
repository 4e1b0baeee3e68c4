import { expect, it } from "vitest";
import { passwordProblem } from "./password-rules.ts";

it("knows the rules", () => {
  expect(passwordProblem("correct horse", "ada")).toBeUndefined();
  expect(passwordProblem("short", "ada")).toContain("8");
  expect(passwordProblem("x".repeat(257), "ada")).toContain("256");
  expect(passwordProblem("I am ADA, hello", "ada")).toContain("name");
  // Bytes count, not letters: four of these have twelve.
  expect(passwordProblem("密码密码", "ada")).toBeUndefined();
});
