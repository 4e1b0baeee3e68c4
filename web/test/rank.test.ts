import { describe, expect, test } from "vitest";
import { fit, rank } from "../src/app/shell/rank.ts";

describe("the switcher", () => {
  test("finds what begins so before what contains it, and letters in order last", () => {
    const found = ["tea general", "general", "generator", "g-e-n", "kitchen"].map((label) => ({ id: label, label }));
    expect(rank(found, "gene", 9).map(({ id }) => id)).toEqual(["general", "generator", "tea general"]);
    expect(fit("general", "gnrl")).toBeGreaterThan(0);
    expect(fit("#general", "gnrl")).toBeGreaterThan(0);
    expect(fit("general", "lrng")).toBe(0);
    expect(fit("Light appearance", "gar")).toBe(0);
  });

  test("knows no accents and no case", () => expect(fit("Crème Brûlée", "creme b")).toBe(80));

  test("puts what waits for one first among equals", () => {
    const rooms = [
      { id: "old", label: "tea one", weight: 0 },
      { id: "unread", label: "tea two", weight: 1_000 },
    ];
    expect(rank(rooms, "tea", 9)[0]?.id).toBe("unread");
    expect(rank(rooms, "", 1)[0]?.id).toBe("unread");
  });

  test("finds by other words, after the names", () => {
    const places = [
      { id: "settings", label: "Settings", also: "password" },
      { id: "room", label: "password reset" },
    ];
    expect(rank(places, "password", 9).map(({ id }) => id)).toEqual(["room", "settings"]);
  });
});
