/** What the outbox shows, stores and says to other tabs. */

import type { Environment } from "./environment.ts";
import type { Refusal } from "./error.ts";
import type { ClientStorage } from "./storage.ts";
import type { CommandName, Queued, Readable, RequestOptions } from "./types.ts";

/** A request as it is stored. */
export interface Row extends Queued {
  /** Whether it ever left: from then on nobody can say that it was not done. */
  readonly wasSent?: boolean;
}

/** What the app sees of it. */
export interface Outbox {
  /** In the order they were written. */
  readonly items: Readable<readonly Queued[]>;
  /** Sends a refused one again, with the same key. */
  retry(key: string): Promise<void>;
  /** Takes one out, whatever its state. One that was sent may have been done. */
  discard(key: string): Promise<void>;
}

/** What the outbox needs. */
export interface OutboxHost {
  readonly environment: Environment;
  /** Of the user who is logged in now; an operation stays with the one it began with. */
  storage(): ClientStorage;
  /** Resolves once there is a user. */
  known(): Promise<void>;
  readonly name: string;
  /** Whether other tabs see what is stored. */
  isShared(): boolean;
  post(message: OutboxMessage): void;
  call(type: CommandName, data: never, options: RequestOptions): Promise<unknown>;
}

/** What tabs tell each other. */
export type OutboxMessage =
  /** Look again. */
  | { is: "changed" }
  /** It is over. */
  | { is: "gone"; key: string; answer?: unknown; refusal?: Refusal };
