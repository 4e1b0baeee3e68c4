/** Tells the server now and then how far messages were delivered. */

import type { Environment } from "./environment.ts";
import { Timer } from "./environment.ts";

const EVENTS = 50;
const AFTER_MS = 10_000;

export class Receipts {
  readonly #send: (rooms: string[]) => void;
  #rooms = new Set<string>();
  #events = 0;
  readonly #timer: Timer;

  constructor(environment: Environment, send: (rooms: string[]) => void) {
    this.#timer = new Timer(environment);
    this.#send = send;
  }

  /** An event of a room was delivered. */
  note(room: string): void {
    this.#rooms.add(room);
    this.#events++;
    if (!this.#timer.isRunning) this.#timer.start(AFTER_MS, () => this.flush());
    if (this.#events >= EVENTS) this.flush();
  }

  flush(): void {
    const rooms = [...this.#rooms];
    this.stop();
    if (rooms.length) this.#send(rooms);
  }

  /** What was not told is told with the next events of these rooms. */
  stop(): void {
    this.#timer.stop();
    this.#rooms.clear();
    this.#events = 0;
  }
}
