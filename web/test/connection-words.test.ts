import { expect, test } from "vitest";
import { connectionWords } from "../src/app/shell/connection-words.ts";

const NOW = 1_000_000;

test("counts down to the next attempt, which can be made at once", () => {
  const words = connectionWords({ phase: "recovering", retryAt: NOW + 3_200 }, 0, NOW);
  expect(words).toMatchObject({ text: "Reconnecting in 4 s", canTry: true });
  expect(connectionWords({ phase: "recovering" }, 0, NOW)).toMatchObject({ text: "Reconnecting…", canTry: false });
});

test("tells what waits to be sent", () => {
  expect(connectionWords({ phase: "offline" }, 1, NOW)?.text).toBe("Offline · 1 message waiting");
  expect(connectionWords({ phase: "offline" }, 3, NOW)?.text).toBe("Offline · 3 messages waiting");
});

test("says nothing when all is well", () => expect(connectionWords({ phase: "online" }, 2, NOW)).toBeUndefined());
