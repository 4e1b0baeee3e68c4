import { IDBFactory, IDBKeyRange } from "fake-indexeddb";
import { expect, test, vi } from "vitest";

import { settle, World } from "../test/world.ts";
import type { Environment } from "./environment.ts";
import type { ClientStorage } from "./storage.ts";
import { guard, indexedStorage, memoryStorage, scope } from "./storage.ts";

globalThis.IDBKeyRange = IDBKeyRange;

function indexed(factory: IDBFactory = new IDBFactory(), world = new World()): ClientStorage {
  return indexedStorage(world.environment({ indexedDB: factory }) as Environment, "db");
}

test.each([
  ["memory", memoryStorage],
  ["IndexedDB", () => indexed()],
])("%s keeps tables apart", async (_, make) => {
  const storage = make();
  expect(await storage.get("a", "1")).toBeUndefined();
  expect(await storage.all("a")).toEqual([]);
  await storage.put("a", "1", { n: 1 });
  await storage.put("a", "2", { n: 2 });
  await storage.put("ab", "1", { n: 3 });
  await storage.put("a", "1", { n: 4 });
  expect(await storage.get("a", "1")).toEqual({ n: 4 });
  expect(await storage.all("a")).toEqual([{ n: 4 }, { n: 2 }]);
  expect(await storage.all("ab")).toEqual([{ n: 3 }]);
  await storage.delete("a", "1");
  await storage.delete("nowhere", "1");
  expect(await storage.all("a")).toEqual([{ n: 2 }]);
  await storage.clear();
  expect(await storage.all("a")).toEqual([]);
});

test("IndexedDB keeps it for the next life, and opens anew when someone deletes the database", async () => {
  const factory = new IDBFactory();
  await indexed(factory).put("a", "1", 7);
  const next = indexed(factory);
  expect(await next.get("a", "1")).toBe(7);
  await new Promise((resolve) => (factory.deleteDatabase("db").onsuccess = resolve));
  expect(await next.get("a", "1")).toBeUndefined();
  await next.put("a", "1", 8);
  expect(await next.get("a", "1")).toBe(8);
});

test("a value that cannot be stored fails alone", async () => {
  const storage = indexed();
  await expect(storage.put("a", "1", () => {})).rejects.toThrow();
  await storage.put("a", "1", 1);
  expect(await storage.get("a", "1")).toBe(1);
});

test("a database that never opens is given up", async () => {
  const world = new World();
  const storage = indexed({ open: () => ({}) } as unknown as IDBFactory, world);
  const asked = storage.get("a", "1").catch((error: Error) => error.message);
  await world.advance(5_000);
  expect(await asked).toBe("the database does not open");
});

test("a database that may not be opened fails", async () => {
  const open = () => {
    const request = { error: new Error("private window") } as unknown as IDBOpenDBRequest;
    setImmediate(() => request.onerror?.({} as Event));
    return request;
  };
  await expect(indexed({ open } as unknown as IDBFactory).get("a", "1")).rejects.toThrow("private window");
});

test("what is guarded never fails: rows that were not taken are remembered", async () => {
  const inner = memoryStorage();
  const warn = vi.fn<(error: unknown) => void>();
  const full = vi.fn(inner.put);
  const storage = guard({ ...inner, put: full }, warn);
  await storage.put("a", "1", "old");
  expect(storage.isWhole()).toBe(true);
  full.mockRejectedValue(new Error("full"));
  await storage.put("a", "1", "new");
  await storage.put("a", "2", "two");
  expect(storage.isWhole()).toBe(false);
  expect(warn).toHaveBeenCalledTimes(1);
  expect(await storage.get("a", "1")).toBe("new");
  expect(await storage.all("a")).toEqual(["new", "two"]);
  full.mockImplementation(inner.put);
  await storage.put("a", "1", "newer");
  expect(await inner.get("a", "1")).toBe("newer");
  await storage.delete("a", "2");
  expect(await storage.all("a")).toEqual(["newer"]);
  await storage.clear();
  expect(await storage.all("a")).toEqual([]);
});

test("a user's tables are theirs, and end with them", async () => {
  const inner = memoryStorage();
  let current = "ada";
  const [ada, bob] = ["ada", "bob"].map((user) => scope(inner, user, () => current === user));
  await ada!.put("cache", "1", "ada's");
  await bob!.put("cache", "1", "bob's");
  expect(await ada!.all("cache")).toEqual(["ada's"]);
  current = "bob";
  expect(await ada!.get("cache", "1")).toBeUndefined();
  expect(await bob!.all("cache")).toEqual([]);
  await ada!.put("cache", "2", "late");
  await ada!.delete("cache", "1");
  expect(await inner.all("ada/cache")).toEqual(["ada's"]);
  await bob!.clear();
  await settle(1);
  expect(await inner.all("ada/cache")).toEqual([]);
});
