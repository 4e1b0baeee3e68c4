/** The small parts. */

import { expect, test, vi } from "vitest";

import { settle, World } from "../test/world.ts";
import { pause } from "./backoff.ts";
import type { Environment } from "./environment.ts";
import { platform, sleep, Timer } from "./environment.ts";
import { HubbubError } from "./error.ts";
import { newKey } from "./key.ts";
import { Cell } from "./readable.ts";

test("a pause is somewhere between the floor and a cap that doubles", () => {
  expect(pause(0, 0, () => 0)).toBe(0);
  expect(pause(0, 0, () => 0.999)).toBe(499);
  expect(pause(3, 1_000, () => 0.5)).toBe(3_000);
  expect(pause(1_000, 0, () => 0.999)).toBeLessThan(30_000);
  // When a good connection breaks, everybody else's may have.
  expect(pause(0, 0, () => 0.999, true)).toBe(2_997);
  expect(pause(5, 0, () => 0.5, true)).toBe(8_000);
});

test("keys are UUIDv7, in the order of time, with or without a source of good randomness", () => {
  const shape = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
  const keys = [1, 1_796_300_000_000, 1_796_300_000_001].map((now) => newKey(now, Math.random));
  for (const key of keys) expect(key).toMatch(shape);
  expect([...keys].sort()).toEqual(keys);
  expect(keys[1]!.slice(0, 13).replace("-", "")).toBe((1_796_300_000_000).toString(16).padStart(12, "0"));
  vi.stubGlobal("crypto", undefined);
  expect(newKey(1, () => 0.99)).toMatch(shape);
  vi.unstubAllGlobals();
});

test("a cell tells of changes, in turn", () => {
  const cell = new Cell(1);
  const seen: string[] = [];
  const stop = cell.subscribe(() => {
    seen.push(`a${cell.get()}`);
    if (cell.get() === 2) cell.set(3);
  });
  cell.subscribe(() => seen.push(`b${cell.get()}`));
  cell.set(1);
  cell.set(2);
  expect(seen).toEqual(["a2", "b3", "a3", "b3"]);
  stop();
  cell.set(4);
  expect(seen.slice(4)).toEqual(["b4"]);
});

test("a listener that throws is reported, and the others are told", () => {
  const logged = vi.spyOn(console, "error").mockImplementation(() => {});
  const cell = new Cell(1);
  const seen: number[] = [];
  cell.subscribe(() => {
    throw new Error("mine");
  });
  cell.subscribe(() => seen.push(cell.get()));
  cell.set(2);
  expect(seen).toEqual([2]);
  expect(logged).toHaveBeenCalledTimes(1);
  logged.mockRestore();
});

test("a timer has one deadline", async () => {
  const world = new World();
  const timer = new Timer(world.environment() as Environment);
  const seen: number[] = [];
  timer.start(10, () => seen.push(1));
  timer.start(20, () => seen.push(2));
  expect(timer.isRunning).toBe(true);
  await world.advance(20);
  expect(timer.isRunning).toBe(false);
  timer.start(Infinity, () => seen.push(3));
  timer.stop();
  await world.advance(1_000);
  expect(seen).toEqual([2]);
  expect(world.timers).toBe(0);
});

test("a sleep ends with its signal", async () => {
  const world = new World();
  const environment = world.environment() as Environment;
  const stop = new AbortController();
  const asleep = sleep(environment, 1_000, stop.signal);
  stop.abort();
  await asleep;
  await sleep(environment, 1_000, stop.signal);
  await sleep(environment, 0, new AbortController().signal);
  expect(world.timers).toBe(0);
});

test("an error says what is known", () => {
  expect(new HubbubError("unknown", {})).toMatchObject({ name: "HubbubError", reason: "INTERNAL", retry: true });
  expect(new HubbubError("refused", { reason: "QUOTA", message: "50 at most" })).toMatchObject({
    message: "50 at most",
    retry: false,
    retryAfterMs: 0,
    fields: {},
  });
});

test("a platform without pages, sockets and databases", async () => {
  vi.stubGlobal("WebSocket", undefined);
  const environment = platform();
  expect(() => new environment.WebSocket("ws://x", [])).toThrow("pass one as environment.WebSocket");
  expect(environment.isOnline()).toBe(true);
  expect(environment.isVisible()).toBe(true);
  expect(environment.indexedDB).toBeUndefined();
  expect(environment.openChannel).toBeUndefined();
  expect(environment.now()).toBeGreaterThan(0);
  expect(environment.random()).toBeLessThan(1);
  environment.watch(() => {})();
  const done = vi.fn<() => void>();
  environment.clearTimeout(environment.setTimeout(done, 0) as never);
  await settle();
  expect(done).not.toHaveBeenCalled();
  vi.stubGlobal("fetch", async (url: string) => url);
  expect(await environment.fetch("u")).toBe("u");
  vi.unstubAllGlobals();
});

test("a page's signals", () => {
  const page = Object.assign(new EventTarget(), { visibilityState: "hidden" });
  const target = new EventTarget();
  vi.stubGlobal("document", page);
  vi.stubGlobal("addEventListener", target.addEventListener.bind(target));
  vi.stubGlobal("removeEventListener", target.removeEventListener.bind(target));
  vi.stubGlobal("navigator", { onLine: false, locks: "locks" });
  Object.defineProperty(globalThis, "indexedDB", {
    configurable: true,
    get: () => {
      throw new DOMException("forbidden", "SecurityError");
    },
  });
  const environment = platform();
  expect([environment.isOnline(), environment.isVisible(), environment.locks]).toEqual([false, false, "locks"]);
  expect(environment.indexedDB).toBeUndefined();
  const heard = vi.fn<() => void>();
  const stop = environment.watch(heard);
  page.dispatchEvent(new Event("visibilitychange"));
  target.dispatchEvent(new Event("online"));
  stop();
  target.dispatchEvent(new Event("offline"));
  expect(heard).toHaveBeenCalledTimes(2);
  const channel = environment.openChannel!("x");
  channel.postMessage("hi");
  channel.close();
  Reflect.deleteProperty(globalThis, "indexedDB");
  vi.unstubAllGlobals();
});
