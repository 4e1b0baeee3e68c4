/** One socket, from `hello` to its end. What belongs to it (timers, the heartbeat) dies with it. */

import type { Frame } from "./codec.ts";
import { decode, encode } from "./codec.ts";
import type { Environment, SocketLike } from "./environment.ts";
import { Timer } from "./environment.ts";
import type { Events, Welcome } from "./gen/protocol.ts";

/** How long opening and greeting may take together. */
const GREETING_MS = 10_000;
/** How long a probe waits for any sign of life. */
const PROBE_MS = 3_000;
/** A client that nobody looks at is pinged half as often. */
const HIDDEN_FACTOR = 2;

/** How a socket ended. */
export interface End {
  /** The close code; 1006 when the network did it. */
  code: number;
  reason: string;
  /** The server wants at least this pause. */
  retryAfterMs: number;
}

/** Whom a link tells. */
export interface LinkOwner {
  welcome(welcome: Welcome): void;
  frame(frame: Frame): void;
  /** Told once; nothing follows. */
  ended(end: End): void;
}

export class Link {
  readonly #environment: Environment;
  readonly #owner: LinkOwner;
  readonly #socket: SocketLike;
  /** Undefined before the welcome. */
  #heartbeat: Welcome["heartbeat"] | undefined;
  readonly #timer: Timer;
  readonly #probe: Timer;
  #pings = 0;
  #heardAt: number;
  #isDead = false;
  #goodbye: Events["bye"] | undefined;

  constructor(environment: Environment, url: string, hello: () => object, owner: LinkOwner) {
    this.#environment = environment;
    this.#owner = owner;
    this.#heardAt = environment.now();
    this.#timer = new Timer(environment);
    this.#probe = new Timer(environment);
    this.#timer.start(GREETING_MS, () => this.end(1006));
    const socket = new environment.WebSocket(url, ["hubbub.v1.json"]);
    this.#socket = socket;
    socket.onopen = () => this.send(encode({ type: "hello", data: hello() }));
    socket.onmessage = (event: { data: unknown }) => this.#text(event.data);
    socket.onclose = (event: { code: number; reason?: string }) => this.end(event.code, event.reason);
    // The close that follows says the same.
    socket.onerror = () => {};
  }

  /** Gives a frame to the socket. Whether it arrives only its answer tells. */
  send(text: string): void {
    if (this.#isDead) return;
    try {
      this.#socket.send(text);
    } catch {
      this.end(1006);
    }
  }

  /** Asks for a sign of life: after a sleep or a change of network a socket may be dead without knowing. */
  probe(): void {
    if (!this.#heartbeat || this.#probe.isRunning || this.#isDead) return;
    this.#probe.start(PROBE_MS, () => this.end(1006));
    this.send(encode({ type: "ping", n: ++this.#pings }));
  }

  look(isVisible: boolean): void {
    if (this.#heartbeat) this.send(encode({ type: "client.state", data: { visible: isVisible } }));
  }

  /** Ends it, whoever wants that. */
  end(code: number, reason?: string): void {
    if (this.#isDead) return;
    this.#isDead = true;
    this.#timer.stop();
    this.#probe.stop();
    try {
      this.#socket.close(1000);
    } catch {
      // It never opened.
    }
    const bye = this.#goodbye;
    this.#owner.ended({
      code: bye?.code ?? code,
      reason: bye?.reason || reason || "network",
      retryAfterMs: bye?.retryAfterMs ?? 0,
    });
  }

  #text(text: unknown): void {
    const frame = this.#isDead ? undefined : decode(text);
    if (!frame) return;
    this.#heardAt = this.#environment.now();
    this.#probe.stop();
    if (frame.type === "ping") return this.send(encode({ type: "pong", n: frame.n ?? 0 }));
    if (frame.type === "bye") this.#goodbye = frame.data as Events["bye"];
    if (frame.type === "welcome") this.#welcome(frame.data as Welcome);
    else this.#owner.frame(frame);
    // Some networks swallow the close that follows a goodbye.
    if (frame.type === "bye") this.end(1006);
  }

  #welcome(welcome: Welcome): void {
    this.#heartbeat = welcome.heartbeat;
    this.#watch();
    this.#owner.welcome(welcome);
  }

  /** The server pings when it has nothing to say: longer silence means that it is gone. */
  #watch(): void {
    const { isVisible, now } = this.#environment;
    const { intervalMs, timeoutMs } = this.#heartbeat!;
    const patience = intervalMs * (isVisible() ? 1 : HIDDEN_FACTOR) + timeoutMs;
    const left = this.#heardAt + patience - now();
    if (left <= 0) this.end(1006, "heartbeat_timeout");
    else this.#timer.start(left, () => this.#watch());
  }
}
