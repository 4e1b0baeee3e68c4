// Full jitter: a random wait between nothing and a bound that doubles. A crowd that lost its server comes back spread.

const BASE_MS = 500;
const CAP_MS = 30_000;
const STABLE_MS = 30_000;

export class Backoff {
  #attempt = 0;
  #since = null;

  // The server's `retryAfterMs` is a floor.
  next(floorMs = 0, random = Math.random) {
    const bound = Math.min(CAP_MS, BASE_MS * 2 ** this.#attempt);
    this.#attempt = Math.min(this.#attempt + 1, 10);
    return Math.max(floorMs, Math.round(random() * bound));
  }

  connected(now = Date.now()) {
    this.#since = now;
  }

  // Only a connection that held counts as success.
  lost(now = Date.now()) {
    if (this.#since !== null && now - this.#since >= STABLE_MS) this.#attempt = 0;
    this.#since = null;
  }
}
