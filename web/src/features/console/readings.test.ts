import { describe, expect, it } from "vitest";
import { createConsoleApi } from "./api.ts";
import { readBan, readFilter, readPerson, readService, readUser } from "./readings.ts";

describe("readings", () => {
  it("reads a person in both ways of telling one", () => {
    expect([readPerson("u1"), readPerson({ id: "u1", name: "ada" }), readPerson(""), readPerson(null)]).toEqual([
      { id: "u1" },
      { id: "u1", name: "ada" },
      undefined,
      undefined,
    ]);
  });
  it("reads the state of a service in both ways", () => {
    expect(readService({ name: "room", up: false, latencyMs: 3 }).isUp).toBe(false);
    expect(readService({ name: "room", state: "SERVING", latencyMs: 3 }).isUp).toBe(true);
    expect(readService({ name: "room", state: "down" }).isUp).toBe(false);
  });
  it("reads from a person's id since when there is one, if nothing else says so", () => {
    const id = "01a1fd9b-871f-7352-b50d-4c34570c1056";
    expect(new Date(readUser({ id, name: "ada" }).createdAt!).toISOString()).toMatch(/^2026-11-21T/);
    expect(readUser({ id, createdAt: 5 }).createdAt).toBe(5);
    expect(readUser({ id: "7" }).createdAt).toBeUndefined();
  });
  it("takes a mode it does not know for the harder one", () => {
    expect(readBan({ id: "b", user: "u", reason: "spam", mode: "?" })).toMatchObject({ mode: "enforce" });
    expect(readFilter({ id: "f", pattern: "x*", action: "alert" }).action).toBe("alert");
  });
});

describe("createConsoleApi", () => {
  it("leaves out what is not given", async () => {
    const asked: unknown[] = [];
    const api = createConsoleApi({
      request: async (type, data) => {
        asked.push([type, data]);
        return { users: [{ id: "u1", name: "ada", role: "USER" }], next: "n" };
      },
    });
    const page = await api.users("", { page: undefined, limit: 10 });
    expect(asked).toEqual([["mod.users", { limit: 10 }]]);
    expect(page).toMatchObject({ rows: [{ id: "u1", name: "ada", role: "USER" }], next: "n" });
  });
  it("reads an answer without a list as an empty one", async () => {
    const api = createConsoleApi({ request: async () => ({}) });
    await expect(api.health()).resolves.toEqual([]);
  });
});
