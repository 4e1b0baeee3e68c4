/** Requests that wait for their answers, through as many sockets as it takes. */

import type { Frame } from "./codec.ts";
import { encode } from "./codec.ts";
import type { Environment } from "./environment.ts";
import { sleep, Timer } from "./environment.ts";
import { aborted, closed, HubbubError } from "./error.ts";
import type { Answers, Commands } from "./gen/protocol.ts";
import type { CommandName, RequestOptions } from "./types.ts";

/** A try without an answer for this long is repeated: the server says nothing when it does not know the outcome. */
const TRY_MS = 10_000;
const WAIT_MS = 30_000;
/** The least pause before a question that was too much is asked again. */
const AGAIN_MS = 1_000;

interface Waiting {
  readonly text: string;
  readonly settle: (error: HubbubError | undefined, answer?: unknown) => void;
  /** Of no use later. */
  readonly isPassing: boolean;
  readonly timer: Timer;
}

export class Requests {
  readonly #environment: Environment;
  #waiting = new Map<string, Waiting>();
  #count = 0;
  /** While online. */
  #send: ((text: string) => void) | undefined;

  constructor(environment: Environment) {
    this.#environment = environment;
  }

  /** Asks until there is an answer. What is sent again has the same key, so it is done once. */
  async call<K extends CommandName>(type: K, data: Commands[K], options: RequestOptions = {}): Promise<Answers[K]> {
    const { key, signal, timeoutMs = WAIT_MS } = options;
    // Unique for as long as the page lives: an answer that comes late is for the right request, whichever try it was.
    const id = (++this.#count).toString(36);
    const text = encode({ type, id, key, data });
    const isPassing = type === "typing";
    if (signal?.aborted) throw aborted();
    if (isPassing && !this.#send) throw unknown("OFFLINE", "not online");
    const timer = new Timer(this.#environment);
    const limit = new Timer(this.#environment);
    return new Promise((resolve, reject) => {
      const settle: Waiting["settle"] = (error, answer) => {
        if (!this.#waiting.delete(id)) return;
        timer.stop();
        limit.stop();
        signal?.removeEventListener("abort", abort);
        if (error) reject(error);
        else resolve(answer as Answers[K]);
      };
      const abort = () => settle(aborted());
      const waiting: Waiting = { text, settle, isPassing, timer };
      limit.start(timeoutMs, () => settle(unknown("TIMEOUT", "no answer in time")));
      signal?.addEventListener("abort", abort);
      this.#waiting.set(id, waiting);
      this.#try(waiting);
    });
  }

  /** Asks a question until it is not refused as too much any more. */
  async insist<K extends CommandName>(type: K, data: Commands[K], signal: AbortSignal): Promise<Answers[K]> {
    for (;;) {
      try {
        return await this.call(type, data, { signal, timeoutMs: Infinity });
      } catch (error) {
        if (!(error instanceof HubbubError) || error.kind !== "refused" || !error.retry) throw error;
        await sleep(this.#environment, Math.max(error.retryAfterMs, AGAIN_MS), signal);
      }
    }
  }

  /** Says something that needs no answer, if anyone listens. */
  tell<K extends CommandName>(type: K, data: Commands[K]): void {
    this.#send?.(encode({ type, data }));
  }

  /** There is a greeted socket: everything that is not answered is sent, in the order it was asked. */
  up(send: (text: string) => void): void {
    this.#send = send;
    for (const waiting of this.#waiting.values()) this.#try(waiting);
  }

  down(): void {
    this.#send = undefined;
    for (const waiting of this.#waiting.values()) {
      waiting.timer.stop();
      if (waiting.isPassing) waiting.settle(unknown("OFFLINE", "the connection was lost"));
    }
  }

  /** Nothing will be answered any more. */
  close(reason: string): void {
    for (const waiting of this.#waiting.values()) waiting.settle(closed(reason));
  }

  answered({ type, id, data, error }: Frame): void {
    const waiting = this.#waiting.get(id ?? "");
    waiting?.settle(type === "error" ? new HubbubError("refused", error ?? {}) : undefined, data);
  }

  #try(waiting: Waiting): void {
    if (!this.#send) return;
    this.#send(waiting.text);
    waiting.timer.start(TRY_MS, () => this.#try(waiting));
  }
}

function unknown(reason: string, message: string): HubbubError {
  return new HubbubError("unknown", { reason, message });
}
