/** What all stores of one client share. */

import type { Answers, Commands } from "../gen/protocol.ts";
import type { CommandName } from "../types.ts";
import { Cache } from "./cache.ts";
import type { StoredEvent } from "./events.ts";
import type { Failure, Outcome, StoreClient } from "./types.ts";

/** Everything that happens. */
export const ALL = "*";
/** What happens to the user, not to a room. */
export const FEED = "";

/** Something that follows the client. */
export interface Follower {
  /** Takes an event. */
  take?(event: StoredEvent): void;
  /** The connection is there (again), or the user's cache is: load what is missing. */
  wake?(): void;
  /** Events are missing: what is known is not to be trusted. */
  doubt?(): void;
  /** Another user, or none: forget everything. */
  forget?(): void;
}

/** What is told of an error of the client. */
export function failureOf(what: string, error: unknown): Failure {
  const message = error instanceof Error ? error.message : String(error);
  const told = error instanceof Error && "reason" in error ? error.reason : undefined;
  return { what, reason: typeof told === "string" && told ? told : "UNKNOWN", message };
}

/** How long to wait before a question is asked again; `undefined` for never. */
export function patience(error: unknown): number | undefined {
  if (!(error instanceof Error) || !("retry" in error) || !error.retry) return undefined;
  const told = "retryAfterMs" in error ? Number(error.retryAfterMs) : 0;
  return Math.max(told, 1_000);
}

export class Context {
  readonly client: StoreClient;
  readonly cache: Cache;
  /** Keys of changes in the outbox whose end someone here waits for. */
  readonly awaited = new Set<string>();
  readonly #followers = new Map<string, Set<Follower>>();
  readonly #listeners = new Set<(failure: Failure) => void>();

  constructor(client: StoreClient) {
    this.client = client;
    this.cache = new Cache(() => client.storage);
  }

  /** One's own id; empty for nobody. */
  get me(): string {
    return this.client.me.get()?.id ?? "";
  }

  get isOnline(): boolean {
    return this.client.connection.get().phase === "online";
  }

  /** `scope` is a room, `FEED` for what is not of a room, or `ALL`. */
  follow(scope: string, follower: Follower): void {
    const group = this.#followers.get(scope) ?? new Set();
    this.#followers.set(scope, group.add(follower));
  }

  take(event: StoredEvent): void {
    const { data } = event;
    const room = event.room ?? ("room" in data && typeof data.room === "string" ? data.room : undefined);
    this.#tell(ALL, (follower) => follower.take?.(event));
    if (event.room === undefined) this.#tell(FEED, (follower) => follower.take?.(event));
    if (room !== undefined) this.#tell(room, (follower) => follower.take?.(event));
    // Whom one may read has changed, in every room.
    if (event.type === "block.updated") {
      for (const scope of this.#followers.keys()) if (scope !== ALL && scope !== FEED) this.#doubt(scope);
    }
  }

  /** A stream has a hole. */
  doubt(stream: string): void {
    this.#doubt(stream === this.me ? FEED : stream);
  }

  wake(): void {
    this.#everyone((follower) => follower.wake?.());
  }

  forget(): void {
    this.awaited.clear();
    this.#everyone((follower) => follower.forget?.());
  }

  #doubt(scope: string): void {
    this.#tell(scope, (follower) => follower.doubt?.());
  }

  #everyone(act: (follower: Follower) => void): void {
    // Those that know everything come first: the others ask them.
    for (const scope of new Set([ALL, FEED, ...this.#followers.keys()])) this.#tell(scope, act);
  }

  #tell(scope: string, act: (follower: Follower) => void): void {
    for (const follower of this.#followers.get(scope) ?? []) act(follower);
  }

  readonly failures = {
    subscribe: (listener: (failure: Failure) => void): (() => void) => {
      this.#listeners.add(listener);
      return () => this.#listeners.delete(listener);
    },
  };

  fail(what: string, error: unknown): Failure {
    const failure = failureOf(what, error);
    for (const listener of this.#listeners) listener(failure);
    return failure;
  }

  /**
   * Shows a change at once, asks for it, and keeps it or takes it back. `show` returns what ends the showing: it gets
   * the answer, or `undefined` for a refusal.
   */
  async attempt<K extends CommandName>(
    type: K,
    answer: () => PromiseLike<Answers[K]>,
    show: () => (answer: Answers[K] | undefined) => void,
  ): Outcome {
    const me = this.me;
    const settle = show();
    try {
      const told = await answer();
      if (me === this.me) settle(told);
      return null;
    } catch (error) {
      if (me !== this.me) return failureOf(type, error);
      settle(undefined);
      return this.fail(type, error);
    }
  }

  request<K extends CommandName>(type: K, data: Commands[K]): Promise<Answers[K]> {
    return this.client.request(type, data);
  }
}
