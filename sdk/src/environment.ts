/** What the SDK needs of the world: everything can be replaced, for tests and for platforms that are no browser. */

/** A WebSocket as far as it is used. */
export interface SocketLike {
  onopen: ((event: never) => void) | null;
  onmessage: ((event: never) => void) | null;
  onclose: ((event: never) => void) | null;
  onerror: ((event: never) => void) | null;
  send(text: string): void;
  close(code?: number): void;
}

/** The Web Locks API as far as it is used. */
export interface LocksLike {
  request(name: string, options: { signal?: AbortSignal }, work: () => Promise<unknown>): Promise<unknown>;
}

/** A broadcast channel as far as it is used. */
export interface ChannelLike {
  onmessage: ((event: { data: unknown }) => void) | null;
  postMessage(message: unknown): void;
  close(): void;
}

export interface Environment {
  WebSocket: new (url: string, protocols: string[]) => SocketLike;
  fetch: (url: string, init?: RequestInit) => Promise<Response>;
  setTimeout: (work: () => void, ms: number) => unknown;
  clearTimeout: (timer: never) => void;
  /** Milliseconds since the epoch. */
  now: () => number;
  /** At least 0, below 1. */
  random: () => number;
  /** False only when there is certainly no network. */
  isOnline: () => boolean;
  /** Whether someone can see the app. */
  isVisible: () => boolean;
  /** Calls back when one of these two may have changed. Returns the way to stop it. */
  watch: (listener: () => void) => () => void;
  indexedDB: IDBFactory | undefined;
  /** Lets one tab at a time drain the outbox. */
  locks: LocksLike | undefined;
  /** Connects the tabs of one browser. */
  openChannel: ((name: string) => ChannelLike) | undefined;
}

/** Returns what this platform has; reading some of these throws where storage is forbidden. */
export function platform(): Environment {
  const scope = globalThis;
  const page = typeof document === "undefined" ? undefined : document;
  const missing = class {
    constructor() {
      throw new TypeError("there is no WebSocket here: pass one as environment.WebSocket");
    }
  };
  return {
    WebSocket: (scope.WebSocket ?? missing) as unknown as Environment["WebSocket"],
    fetch: (url, init) => scope.fetch(url, init),
    setTimeout: (work, ms) => scope.setTimeout(work, ms),
    clearTimeout: (timer) => scope.clearTimeout(timer),
    now: () => Date.now(),
    random: () => Math.random(),
    isOnline: () => scope.navigator?.onLine !== false,
    isVisible: () => page?.visibilityState !== "hidden",
    watch: (listener) => watch(listener, page),
    indexedDB: readSafely(() => scope.indexedDB),
    locks: readSafely(() => scope.navigator?.locks) as LocksLike | undefined,
    // Outside of pages a channel would keep the process alive.
    openChannel:
      page && "BroadcastChannel" in scope ? (name) => new BroadcastChannel(name) as unknown as ChannelLike : undefined,
  };
}

function readSafely<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

function watch(listener: () => void, page: Document | undefined): () => void {
  const sources: [EventTarget | undefined, string][] = [
    [page && globalThis, "online"],
    [page && globalThis, "offline"],
    [page, "visibilitychange"],
    [page && globalThis, "pageshow"],
  ];
  for (const [target, name] of sources) target?.addEventListener(name, listener);
  return () => sources.forEach(([target, name]) => target?.removeEventListener(name, listener));
}

/** One deadline at a time. */
export class Timer {
  readonly #environment: Environment;
  #timer: unknown;

  constructor(environment: Environment) {
    this.#environment = environment;
  }

  get isRunning(): boolean {
    return this.#timer !== undefined;
  }

  /** Takes the place of the deadline before. One that is infinite never comes. */
  start(ms: number, work: () => void): void {
    this.stop();
    if (ms === Infinity) return;
    this.#timer = this.#environment.setTimeout(() => {
      this.#timer = undefined;
      work();
    }, ms);
  }

  stop(): void {
    if (this.isRunning) this.#environment.clearTimeout(this.#timer as never);
    this.#timer = undefined;
  }
}

/** Waits; ends at once when the signal is given. */
export function sleep(environment: Environment, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = new Timer(environment);
    const done = () => {
      timer.stop();
      signal.removeEventListener("abort", done);
      resolve();
    };
    if (signal.aborted || ms <= 0) return done();
    timer.start(ms, done);
    signal.addEventListener("abort", done);
  });
}
