/** Where things are kept across reloads: small tables of rows by key. */

import type { Environment } from "./environment.ts";
import { Timer } from "./environment.ts";

export interface ClientStorage {
  get<T>(table: string, key: string): Promise<T | undefined>;
  put(table: string, key: string, value: unknown): Promise<void>;
  delete(table: string, key: string): Promise<void>;
  /** The values of a table. */
  all<T>(table: string): Promise<T[]>;
  /** Forgets every table. */
  clear(): Promise<void>;
}

/** How long a browser may take to open its database before it is taken for one that never will. */
const OPENING_MS = 5_000;

/** Keeps things for as long as the page lives. */
export function memoryStorage(): ClientStorage {
  const tables = new Map<string, Map<string, unknown>>();
  return {
    get: async <T>(table: string, key: string) => tables.get(table)?.get(key) as T | undefined,
    async put(table, key, value) {
      const rows = tables.get(table) ?? new Map<string, unknown>();
      tables.set(table, rows.set(key, value));
    },
    delete: async (table, key) => void tables.get(table)?.delete(key),
    all: async <T>(table: string) => [...(tables.get(table)?.values() ?? [])] as T[],
    clear: async () => tables.clear(),
  };
}

/** Keeps things in IndexedDB: one object store whose keys are `[table, key]`. */
export function indexedStorage(environment: Environment, name: string): ClientStorage {
  let opened: Promise<IDBDatabase> | undefined;
  const run = async <T>(mode: IDBTransactionMode, act: (rows: IDBObjectStore) => IDBRequest<T>): Promise<T> => {
    opened ??= open(environment, name, () => (opened = undefined));
    const database = await opened;
    return new Promise((resolve, reject) => {
      const transaction = database.transaction("rows", mode);
      const request = act(transaction.objectStore("rows"));
      // A page that goes takes what is not committed with it; nothing more comes into this transaction.
      if (mode === "readwrite") transaction.commit?.();
      transaction.oncomplete = () => resolve(request.result);
      transaction.onabort = () => reject(transaction.error ?? request.error);
    });
  };
  return {
    get: (table, key) => run("readonly", (rows) => rows.get([table, key])),
    put: async (table, key, value) => void (await run("readwrite", (rows) => rows.put(value, [table, key]))),
    delete: (table, key) => run("readwrite", (rows) => rows.delete([table, key])),
    all: (table) => run("readonly", (rows) => rows.getAll(IDBKeyRange.bound([table], [table, []]))),
    clear: () => run("readwrite", (rows) => rows.clear()),
  };
}

function open(environment: Environment, name: string, forget: () => void): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const timer = new Timer(environment);
    timer.start(OPENING_MS, () => reject(new Error("the database does not open")));
    const request = environment.indexedDB!.open(name, 1);
    request.onupgradeneeded = () => request.result.createObjectStore("rows");
    request.onerror = () => reject(request.error);
    request.onsuccess = () => {
      timer.stop();
      const database = request.result;
      // Someone deletes the database, or the browser closes it: the next use opens it anew.
      database.onversionchange = () => (database.close(), forget());
      database.onclose = forget;
      resolve(database);
    };
  });
}

/** A storage that never fails: what it cannot keep it remembers. */
export interface SafeStorage extends ClientStorage {
  /** Whether everything was kept so far. */
  isWhole(): boolean;
}

/** Catches the failures of a storage (private windows, quotas): rows it does not take live as long as the page. */
export function guard(inner: ClientStorage, warn: (error: unknown) => void): SafeStorage {
  const spare = memoryStorage();
  let isWhole = true;
  const attempt = async <T, O>(work: () => Promise<T>, otherwise: O): Promise<T | O> => {
    try {
      return await work();
    } catch (error) {
      if (isWhole) {
        isWhole = false;
        warn(error);
      }
      return otherwise;
    }
  };
  return {
    isWhole: () => isWhole,
    get: async <T>(table: string, key: string) =>
      (await spare.get<T>(table, key)) ?? (await attempt(() => inner.get<T>(table, key), undefined)),
    async put(table, key, value) {
      if (await attempt(() => inner.put(table, key, value).then(() => true), false)) return spare.delete(table, key);
      // The row as it was before would contradict the one that is remembered.
      await attempt(() => inner.delete(table, key), undefined);
      await spare.put(table, key, value);
    },
    async delete(table, key) {
      await spare.delete(table, key);
      await attempt(() => inner.delete(table, key), undefined);
    },
    all: async <T>(table: string) => [
      ...(await attempt(() => inner.all<T>(table), [])),
      ...(await spare.all<T>(table)),
    ],
    async clear() {
      await spare.clear();
      await attempt(() => inner.clear(), undefined);
    },
  };
}

/** Always the tables of whoever is logged in at the time. */
export function following(own: () => ClientStorage): ClientStorage {
  return {
    get: (table, key) => own().get(table, key),
    put: (table, key, value) => own().put(table, key, value),
    delete: (table, key) => own().delete(table, key),
    all: (table) => own().all(table),
    clear: () => own().clear(),
  };
}

/** The tables of one user. Once that is not the one who is logged in any more, nothing is kept. */
export function scope(inner: ClientStorage, user: string, isCurrent: () => boolean): ClientStorage {
  const within = <T, O>(table: string, otherwise: O, use: (table: string) => Promise<T>): Promise<T | O> =>
    isCurrent() ? use(`${user}/${table}`) : Promise.resolve(otherwise);
  return {
    get: <T>(table: string, key: string) => within(table, undefined, (own) => inner.get<T>(own, key)),
    put: (table, key, value) => within(table, undefined, (own) => inner.put(own, key, value)),
    delete: (table, key) => within(table, undefined, (own) => inner.delete(own, key)),
    all: <T>(table: string) => within<T[], T[]>(table, [], (own) => inner.all<T>(own)),
    clear: () => inner.clear(),
  };
}
