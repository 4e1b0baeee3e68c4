import { expect, it } from "vitest";
import { sectionIn } from "./sections.ts";

it("finds the part in the address", () => {
  expect(sectionIn("/settings/privacy")).toBe("privacy");
  expect(sectionIn("/settings/privacy/more")).toBe("privacy");
  expect(sectionIn("/settings")).toBeUndefined();
  expect(sectionIn("/settings/nothing")).toBeUndefined();
});
