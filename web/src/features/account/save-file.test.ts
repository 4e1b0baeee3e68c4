import { expect, it } from "vitest";
import { exportName } from "./save-file.ts";

it("names the export after the person and the day", () => {
  expect(exportName("ada", new Date(2026, 4, 3))).toBe("hubbub-ada-2026-05-03.json");
});
