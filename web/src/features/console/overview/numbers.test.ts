import { expect, it } from "vitest";
import { byGateway, healthWords, latencyWords, toneOf } from "./numbers.ts";

it("counts connections by gateway, in a fixed order", () => {
  const rows = ["gw-10", "gw-2", "gw-2", "gw-1"].map((gateway) => ({ gateway }));
  expect(byGateway(rows)).toEqual([
    { gateway: "gw-1", count: 1 },
    { gateway: "gw-2", count: 2 },
    { gateway: "gw-10", count: 1 },
  ]);
});

it("says the worst of the services", () => {
  const up = { name: "room", isUp: true, latencyMs: 2 };
  const slow = { name: "auth", isUp: true, latencyMs: 900 };
  const down = { name: "social", isUp: false };
  expect([up, slow, down].map(toneOf)).toEqual(["good", "warn", "danger"]);
  expect(healthWords([up])).toBe("All services answer");
  expect(healthWords([up, slow])).toBe("auth answers slowly");
  expect(healthWords([up, slow, down])).toBe("social does not answer");
  expect(healthWords([])).toBe("No service is known");
});

it("writes latencies", () => {
  expect([latencyWords(undefined), latencyWords(0.4), latencyWords(12.4)]).toEqual(["–", "< 1 ms", "12 ms"]);
});
