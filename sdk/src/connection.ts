/** The state machine: when to have a socket, and what to do about how the last one ended. */

import { pause } from "./backoff.ts";
import type { Frame } from "./codec.ts";
import type { Environment } from "./environment.ts";
import { Timer } from "./environment.ts";
import { closed, HubbubError, isSessionOver } from "./error.ts";
import type { Welcome } from "./gen/protocol.ts";
import type { End } from "./link.ts";
import { Link } from "./link.ts";
import { Cell } from "./readable.ts";
import type { ConnectionState } from "./types.ts";

/** A connection that lasted this long was a good one: the next pause is short again. */
const STABLE_MS = 30_000;
/** Without a network there is a look now and then: what the platform says of it may be wrong. */
const OFFLINE_MS = 30_000;

/** What a connection needs and whom it tells. */
export interface ConnectionHost {
  readonly url: string;
  /** Gets what a `hello` begins with. A refusal as unauthenticated ends everything. */
  prove(why: "connect" | "expired"): Promise<{ ticket?: string; token?: string }>;
  /** What else a `hello` says. */
  introduce(): object;
  /** Of the address: says whether that has cursors. */
  query(): string;
  /** Returns whether the welcome is for us. */
  welcome(welcome: Welcome): boolean;
  frame(frame: Frame): void;
  /** The socket is gone, or everything is over. */
  down(): void;
}

type Cause = Pick<ConnectionState, "reason" | "code">;
type Waiter = { resolve: () => void; reject: (error: Error) => void };

export class Connection {
  readonly state = new Cell<ConnectionState>({ phase: "idle" });
  readonly #environment: Environment;
  readonly #host: ConnectionHost;
  #link: Link | undefined;
  readonly #timer: Timer;
  /** Grows with every attempt and every end: what an older one still does is nobody's concern. */
  #turn = 0;
  #attempts = 0;
  #isWaiting = false;
  #onlineAt = 0;
  /** The server does not want to see us before. */
  #notBefore = 0;
  #why: "connect" | "expired" = "connect";
  #waiters: Waiter[] = [];
  #unwatch: (() => void) | undefined;
  #isOnline = true;
  #isVisible = true;

  constructor(environment: Environment, host: ConnectionHost) {
    this.#environment = environment;
    this.#host = host;
    this.#timer = new Timer(environment);
  }

  /** Resolves at the first welcome from now on. */
  connect(): Promise<void> {
    const { phase } = this.state.get();
    if (phase === "online") return Promise.resolve();
    const online = new Promise<void>((resolve, reject) => this.#waiters.push({ resolve, reject }));
    if (phase === "idle" || phase === "closed") {
      this.#attempts = this.#notBefore = 0;
      this.#observe();
      this.state.set({ phase: "connecting" });
      void this.#attempt();
    } else {
      this.wake();
    }
    return online;
  }

  /** Tries now, if it waits; the server's own pause is kept. */
  wake(): void {
    if (this.#isWaiting) this.#schedule(0, this.state.get());
  }

  /** There is something to do. */
  unpark(): void {
    if (this.state.get().phase === "parked") this.wake();
  }

  /** Drops the socket and comes back at once. */
  restart(): void {
    if (this.#link) this.#link.end(1006, "restart");
    this.wake();
  }

  /** Ends it for good, until `connect`. */
  close(reason: string, code?: number): void {
    this.#turn++;
    this.#isWaiting = false;
    this.#timer.stop();
    this.#unwatch?.();
    this.#unwatch = undefined;
    const link = this.#link;
    this.#link = undefined;
    this.state.set(stateOf({ phase: "closed", reason, code }));
    link?.end(1000);
    this.#host.down();
    const error = closed(reason);
    for (const waiter of this.#waiters.splice(0)) waiter.reject(error);
  }

  send(text: string): void {
    this.#link?.send(text);
  }

  async #attempt(): Promise<void> {
    const turn = ++this.#turn;
    const isCurrent = () => turn === this.#turn;
    this.#isWaiting = false;
    try {
      const credential = await this.#host.prove(this.#why);
      if (!isCurrent()) return;
      this.#why = "connect";
      const host = this.#host;
      const hello = () => ({ ...credential, visible: this.#environment.isVisible(), ...host.introduce() });
      this.#link = new Link(this.#environment, host.url + host.query(), hello, {
        welcome: (welcome) => isCurrent() && this.#welcomed(welcome),
        frame: (frame) => isCurrent() && host.frame(frame),
        ended: (end) => isCurrent() && this.#ended(end),
      });
    } catch (error) {
      if (!isCurrent()) return;
      if (isSessionOver(error)) return this.close("session_over");
      const floor = error instanceof HubbubError ? error.retryAfterMs : 0;
      const reason = error instanceof HubbubError && error.kind === "refused" ? error.reason : "network";
      this.#wait(floor, { reason });
    }
  }

  #welcomed(welcome: Welcome): void {
    if (!this.#host.welcome(welcome)) {
      this.#link?.end(1006, "restart");
      return this.wake();
    }
    this.#onlineAt = this.#environment.now();
    this.state.set({ phase: "online" });
    for (const waiter of this.#waiters.splice(0)) waiter.resolve();
  }

  /** The range of the code carries the verdict, so that codes of newer servers are understood. */
  #ended({ code, reason, retryAfterMs }: End): void {
    this.#link = undefined;
    if (this.#onlineAt && this.#environment.now() - this.#onlineAt >= STABLE_MS) this.#attempts = 0;
    const isCut = code === 1006;
    const isLost = isCut && this.#onlineAt > 0;
    this.#onlineAt = 0;
    if (code >= 4400 && code < 4500) return this.close(reason, code);
    this.#host.down();
    if (code >= 4100 && code < 4200) this.#why = "expired";
    if (code === 4007) {
      this.#turn++;
      this.#isWaiting = true;
      return this.state.set({ phase: "parked", reason, code });
    }
    this.#wait(retryAfterMs, isCut ? { reason } : { reason, code }, isLost);
  }

  #wait(floorMs: number, cause: Cause, isLost?: boolean): void {
    const { isOnline, now, random } = this.#environment;
    this.#notBefore = now() + floorMs;
    this.#schedule(
      isOnline() ? pause(this.#attempts++, floorMs, random, isLost) : Math.max(OFFLINE_MS, floorMs),
      cause,
    );
  }

  #schedule(ms: number, { reason, code }: Cause): void {
    const { isOnline, now } = this.#environment;
    const wait = Math.max(ms, this.#notBefore - now());
    const retryAt = wait > 0 ? now() + wait : undefined;
    this.#turn++;
    this.#isWaiting = true;
    this.#timer.stop();
    this.state.set(stateOf({ phase: isOnline() ? "recovering" : "offline", reason, code, retryAt }));
    if (wait > 0) this.#timer.start(wait, () => void this.#attempt());
    else void this.#attempt();
  }

  #observe(): void {
    const { isOnline, isVisible, watch } = this.#environment;
    this.#isOnline = isOnline();
    this.#isVisible = isVisible();
    this.#unwatch?.();
    this.#unwatch = watch(() => {
      const [wasOnline, wasVisible] = [this.#isOnline, this.#isVisible];
      this.#isOnline = isOnline();
      this.#isVisible = isVisible();
      if (this.#isVisible !== wasVisible) this.#link?.look(this.#isVisible);
      // A socket without a network stays open and silent for long: better to know.
      if (wasOnline && !this.#isOnline) this.#lost();
      else if ((!wasOnline && this.#isOnline) || (!wasVisible && this.#isVisible)) this.#returned();
    });
  }

  #lost(): void {
    if (this.#link) return this.#link.end(1006);
    const { phase, ...rest } = this.state.get();
    if (phase === "recovering") this.state.set({ ...rest, phase: "offline" });
  }

  #returned(): void {
    this.#link?.probe();
    this.wake();
  }
}

/** Leaves out what is not known. */
function stateOf(state: { [K in keyof ConnectionState]: ConnectionState[K] | undefined }): ConnectionState {
  return Object.fromEntries(Object.entries(state).filter(([, value]) => value !== undefined)) as never;
}
