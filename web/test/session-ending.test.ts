import { describe, expect, test } from "vitest";
import { endingOf } from "../src/app/session-ending.ts";

describe("a connection that ended", () => {
  test("means nothing while it may come back", () => {
    expect(endingOf({ phase: "recovering", code: 4001 }, undefined)).toBeUndefined();
    expect(endingOf({ phase: "offline" }, undefined)).toBeUndefined();
    expect(endingOf({ phase: "closed", reason: "closed" }, undefined)).toBeUndefined();
  });

  test("by a ban tells why and until when", () => {
    const ban = { reason: "spam", until: 1 };
    expect(endingOf({ phase: "closed", code: 4403, reason: "banned" }, ban)).toEqual({ phase: "banned", ban });
    expect(endingOf({ phase: "closed", code: 4403 }, undefined)).toEqual({ phase: "banned", ban: {} });
  });

  test("without a session leads to the log-in, with the reason", () => {
    expect(endingOf({ phase: "closed", reason: "session_over" }, undefined)).toMatchObject({ phase: "out" });
    expect(endingOf({ phase: "closed", code: 4401 }, undefined)?.notice).toContain("over");
    expect(endingOf({ phase: "closed", reason: "logged_out" }, undefined)?.notice).toContain("logged out");
  });

  test("for another cause keeps the session", () => {
    expect(endingOf({ phase: "closed", code: 4429 }, undefined)).toMatchObject({ phase: "stopped" });
    expect(endingOf({ phase: "recovering", reason: "BANNED" }, undefined)).toMatchObject({ phase: "stopped" });
    expect(endingOf({ phase: "closed", code: 4499 }, undefined)?.notice).toBeTruthy();
  });
});
