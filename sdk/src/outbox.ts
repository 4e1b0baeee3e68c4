/** Requests that are kept until they are answered: across reloads, crashes and long times without a network. */

import type { LocksLike } from "./environment.ts";
import { sleep } from "./environment.ts";
import type { Refusal } from "./error.ts";
import { closed, HubbubError } from "./error.ts";
import type { Answers, Commands } from "./gen/protocol.ts";
import type { Outbox, OutboxHost, OutboxMessage, Row } from "./outbox-types.ts";
import { Cell, report } from "./readable.ts";
import type { CommandName, Pending, Queued } from "./types.ts";

const TABLE = "outbox";
/** The least pause before a repeat that the server named no pause for. */
const AGAIN_MS = 1_000;
/** Refusals that pass by themselves: the same request may be sent again. */
const PASSING = ["RATE_LIMITED", "SLOW_MODE", "UPSTREAM_UNAVAILABLE"];
const REMEMBERED_MAX = 1_000;
/** Most lanes that send at a time: a long outbox must not run into the limits of the connection. */
const LANES_MAX = 8;

type Waiter = { resolve: (answer: never) => void; reject: (error: Error) => void; promise: Promise<unknown> };

export class OutboxStore implements Outbox {
  readonly items = new Cell<readonly Queued[]>([]);
  readonly #host: OutboxHost;
  #rows = new Map<string, Row>();
  #waiters = new Map<string, Waiter>();
  /** Rows that are being written. */
  #saving = new Map<string, Promise<void>>();
  /** Rows that are over, though a slow read may still bring them. */
  #gone = new Set<string>();
  #flying = new Set<string>();
  /** While online. */
  #tenure: AbortController | undefined;
  #isDrainer = false;
  /** No lane sends before. */
  #pausedUntil = 0;

  constructor(host: OutboxHost) {
    this.#host = host;
  }

  enqueue<K extends CommandName>(type: K, data: Commands[K], lane: string, key: string): Pending<K> {
    const waiter = this.#waiter(key);
    this.#gone.delete(key);
    if (!this.#rows.has(key)) {
      // Rows are told apart by their time, so it never stands still.
      const last = Math.max(0, ...[...this.#rows.values()].map(({ at }) => at));
      const at = Math.max(this.#host.environment.now(), last + 1);
      this.#set({ key, type, data, lane, at, state: "waiting" });
      const saving = this.#save(key).catch(report);
      this.#saving.set(key, saving);
    }
    return Object.assign(waiter.promise as Promise<Answers[K]>, {
      key,
      cancel: () => this.#remove(key, (row) => !row.wasSent),
    });
  }

  async retry(key: string): Promise<void> {
    const row = await this.#edit(key, (refused) => {
      const { failure: _failure, ...row } = refused;
      return { ...row, state: "waiting" };
    });
    if (!row) return;
    this.#set(row);
    this.#host.post({ is: "changed" });
    this.#pump();
  }

  async discard(key: string): Promise<void> {
    await this.#remove(key, () => true);
  }

  /** Reads what is stored, of this life and of others. */
  async load(): Promise<void> {
    const before = [...this.#rows.keys()].filter((key) => !this.#saving.has(key));
    const stored = await this.#host.storage().all<Row>(TABLE);
    const kept = new Set(stored.map(({ key }) => key));
    for (const key of before)
      if (!kept.has(key) && !this.#flying.has(this.#rows.get(key)?.lane ?? "")) this.#rows.delete(key);
    for (const row of stored) {
      if (this.#gone.has(row.key) || this.#rows.get(row.key)?.state === "sending") continue;
      this.#rows.set(row.key, row);
      // Another tab was refused.
      if (row.failure) this.#reject(row.key, new HubbubError("refused", row.failure));
    }
    this.#publish();
    this.#pump();
  }

  /** Takes what another tab said. */
  heard(message: OutboxMessage): void {
    if (message.is === "changed") return void this.load();
    this.#over(message.key, message.answer, message.refusal);
    this.#pump();
  }

  /** There is a greeted socket: this tab drains, once no other does. */
  up(): void {
    if (this.#tenure) return;
    const { environment, isShared, name } = this.#host;
    const tenure = (this.#tenure = new AbortController());
    const drain = () => {
      if (tenure.signal.aborted) return Promise.resolve();
      this.#isDrainer = true;
      void this.load();
      return new Promise<void>((resolve) => tenure.signal.addEventListener("abort", () => resolve()));
    };
    if (!environment.locks || !isShared()) void drain();
    else lock(environment.locks, `${name}:drain`, drain, tenure.signal).catch(() => {});
    this.#pump();
  }

  down(): void {
    this.#tenure?.abort();
    this.#tenure = undefined;
    this.#isDrainer = false;
  }

  /** Forgets everything: someone logged out, or someone else logged in. */
  forget(reason: string): void {
    this.down();
    for (const waiter of this.#waiters.values()) waiter.reject(closed(reason));
    this.#waiters.clear();
    this.#rows.clear();
    this.#saving.clear();
    this.#publish();
  }

  #waiter(key: string): Waiter {
    let waiter = this.#waiters.get(key);
    if (!waiter) {
      let settle: Pick<Waiter, "resolve" | "reject">;
      const promise = new Promise<never>((resolve, reject) => (settle = { resolve, reject }));
      // An app that looks at `items` alone has nothing unhandled.
      promise.catch(() => {});
      waiter = { ...settle!, promise };
      this.#waiters.set(key, waiter);
    }
    return waiter;
  }

  #set(row: Row): void {
    this.#rows.set(row.key, row);
    this.#publish();
  }

  #publish(): void {
    this.items.set([...this.#rows.values()].sort((one, other) => one.at - other.at || (one.key < other.key ? -1 : 1)));
  }

  async #save(key: string): Promise<void> {
    await this.#host.known();
    const row = this.#rows.get(key);
    if (row) await this.#host.storage().put(TABLE, key, row);
    this.#saving.delete(key);
    this.#host.post({ is: "changed" });
    this.#pump();
  }

  /** Changes a stored row while no other tab does; none when it is gone. A change to nothing removes it. */
  async #edit(key: string, change: (row: Row) => Row | undefined): Promise<Row | undefined> {
    const { environment, name } = this.#host;
    const storage = this.#host.storage();
    await this.#saving.get(key);
    const work = async () => {
      const row = await storage.get<Row>(TABLE, key);
      const next = row && change(row);
      if (next) await storage.put(TABLE, key, next);
      else if (row) await storage.delete(TABLE, key);
      return next;
    };
    return environment.locks ? ((await lock(environment.locks, `${name}:edit`, work)) as Row | undefined) : work();
  }

  async #remove(key: string, may: (row: Row) => boolean): Promise<boolean> {
    let isRemoved = false;
    await this.#edit(key, (row) => {
      isRemoved = may(row);
      return isRemoved ? undefined : row;
    });
    if (isRemoved) {
      const refusal = { reason: "CANCELLED", message: "taken back" };
      this.#host.post({ is: "gone", key, refusal });
      this.#over(key, undefined, refusal);
      this.#pump();
    }
    return isRemoved;
  }

  #over(key: string, answer: unknown, refusal?: Refusal): void {
    const waiter = this.#waiters.get(key);
    this.#waiters.delete(key);
    if (this.#gone.size > REMEMBERED_MAX) this.#gone.clear();
    this.#gone.add(key);
    if (this.#rows.delete(key)) this.#publish();
    if (refusal) waiter?.reject(new HubbubError("aborted", refusal));
    else waiter?.resolve(answer as never);
  }

  /** Starts the first request of every lane that is not busy. */
  #pump(): void {
    const tenure = this.#tenure;
    if (!tenure || !(this.#isDrainer || !this.#host.isShared())) return;
    const seen = new Set(this.#flying);
    for (const { key, lane, state } of this.items.get()) {
      if (this.#flying.size >= LANES_MAX) return;
      if (state === "failed" || seen.has(lane)) continue;
      seen.add(lane);
      if (this.#saving.has(key)) continue;
      this.#flying.add(lane);
      void this.#fly(key, tenure.signal)
        .catch(report)
        .then(() => {
          this.#flying.delete(lane);
          this.#pump();
        });
    }
  }

  async #fly(key: string, signal: AbortSignal): Promise<void> {
    const { call, environment } = this.#host;
    const storage = this.#host.storage();
    await sleep(environment, this.#pausedUntil - environment.now(), signal);
    if (signal.aborted) return;
    const row = await this.#edit(key, (row) => (row.wasSent ? row : { ...row, wasSent: true }));
    if (!row) return this.#over(key, undefined, { reason: "CANCELLED" });
    if (signal.aborted || !this.#rows.has(key)) return;
    this.#set({ ...row, state: "sending" });
    try {
      const answer = await call(row.type, row.data as never, { key, signal, timeoutMs: Infinity });
      // Told before it is deleted: a tab that dies in between leaves the row, and the repeat gets the same answer.
      this.#host.post({ is: "gone", key, answer });
      this.#over(key, answer);
      await storage.delete(TABLE, key);
    } catch (error) {
      if (this.#rows.has(key)) await this.#refused(row, error, signal);
    }
  }

  async #refused(row: Row, error: unknown, signal: AbortSignal): Promise<void> {
    const { environment, post } = this.#host;
    const refusal = error instanceof HubbubError ? error : new HubbubError("unknown", {});
    const isPassing = PASSING.includes(refusal.reason) || refusal.code === "UNAUTHENTICATED";
    if (refusal.kind !== "refused" || isPassing) {
      this.#set({ ...row, state: "waiting" });
      const ms = Math.max(refusal.retryAfterMs, AGAIN_MS);
      // The limit is the connection's, not the lane's; and too many refusals would end it.
      if (refusal.reason === "RATE_LIMITED") this.#pausedUntil = environment.now() + ms;
      return sleep(environment, ms, signal);
    }
    const { reason, message } = refusal;
    const failed = await this.#edit(row.key, (stored) => ({
      ...stored,
      state: "failed",
      failure: { reason, message },
    }));
    if (failed) this.#set(failed);
    this.#reject(row.key, refusal);
    post({ is: "changed" });
  }

  #reject(key: string, error: HubbubError): void {
    this.#waiters.get(key)?.reject(error);
    this.#waiters.delete(key);
  }
}

function lock<T>(locks: LocksLike, name: string, work: () => Promise<T>, signal?: AbortSignal): Promise<unknown> {
  return locks.request(name, signal ? { signal } : {}, work);
}
