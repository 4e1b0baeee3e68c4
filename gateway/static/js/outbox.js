// Messages on their way. Each keeps its key until the server answered, so a repeat is never a second message.
// Per room they go one by one, in order.

import { NoAnswer, Refusal } from "./api.js";

const MIN_WAIT_MS = 1_000;

export class Outbox {
  #queue = [];
  #busy = new Set();
  #request;
  #changed;
  #stored;

  // request(type, data, key); changed(roomId); stored(entry, answer).
  constructor({ request, changed, stored }) {
    this.#request = request;
    this.#changed = changed;
    this.#stored = stored;
  }

  of(roomId) {
    return this.#queue.filter((entry) => entry.room === roomId);
  }

  // How many are on their way; refused ones are not.
  get waiting() {
    return this.#queue.filter((entry) => !entry.problem).length;
  }

  add(room, body) {
    this.#queue.push({ key: newKey(), room, body, at: Date.now(), problem: null });
    this.#changed(room);
    this.#pump(room);
  }

  // The message came back as an event, maybe before its answer.
  seen(room, key) {
    this.#remove(key);
    this.#pump(room);
  }

  // "error" means certainly not stored, so the same key may go again.
  retry(key) {
    const entry = this.#queue.find((each) => each.key === key);
    if (!entry) return;
    entry.problem = null;
    this.#changed(entry.room);
    this.#pump(entry.room);
  }

  discard(key) {
    const entry = this.#remove(key);
    if (entry) this.#changed(entry.room);
  }

  // Called when the connection is there again.
  pumpAll() {
    for (const room of new Set(this.#queue.map((entry) => entry.room))) this.#pump(room);
  }

  clear() {
    this.#queue = [];
  }

  async #pump(room) {
    if (this.#busy.has(room)) return;
    const entry = this.of(room).find((each) => !each.problem);
    if (!entry) return;
    this.#busy.add(room);
    const wait = await this.#send(entry);
    this.#busy.delete(room);
    if (wait === 0) this.#pump(room);
    else if (wait !== null) setTimeout(() => this.#pump(room), wait);
  }

  // Returns how long to wait before the next try; null waits for the connection.
  async #send(entry) {
    try {
      const answer = await this.#request("message.send", { room: entry.room, body: entry.body }, entry.key);
      if (this.#remove(entry.key)) this.#stored(entry, answer);
      return 0;
    } catch (error) {
      if (error instanceof NoAnswer) return error.message === "not connected" ? null : 0;
      if (!(error instanceof Refusal)) throw error;
      if (error.retry) return Math.max(MIN_WAIT_MS, error.retryAfterMs);
      entry.problem = error.message;
      this.#changed(entry.room);
      return 0;
    }
  }

  #remove(key) {
    const at = this.#queue.findIndex((entry) => entry.key === key);
    return at < 0 ? null : this.#queue.splice(at, 1)[0];
  }
}

// A UUIDv7: time-ordered, so that keys are easy on the server's index.
export function newKey(now = Date.now()) {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  new DataView(bytes.buffer).setBigUint64(0, (BigInt(now) << 16n) | BigInt((bytes[6] << 8) | bytes[7]));
  bytes[6] = (bytes[6] & 0x0f) | 0x70;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}
