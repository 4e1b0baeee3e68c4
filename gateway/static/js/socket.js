// One WebSocket from hello to its end. Everything that belongs to it dies with it.

import { NoAnswer, Refusal } from "./api.js";

const SUBPROTOCOL = "hubbub.v1.json";
const ANSWER_MS = 5_000;
const WELCOME_MS = 10_000;
const PROBE_MS = 3_000;

export class Socket {
  #socket;
  #waiting = new Map();
  #next = 1;
  #silence = null;
  #patience = 45_000;
  #bye = null;
  #on;
  #isOver = false;

  // on: { welcome(data), frame(frame), over({ code, reason, reconnect, retryAfterMs }) }
  constructor(url, hello, on) {
    this.#on = on;
    this.#socket = new WebSocket(url, [SUBPROTOCOL]);
    this.#socket.onopen = () => this.#write({ type: "hello", data: hello });
    this.#socket.onmessage = (event) => this.#receive(event.data);
    this.#socket.onclose = (event) => this.#over(event.code);
    this.#listenFor(WELCOME_MS);
  }

  // Resolves with the answer's data; rejects with Refusal (certainly not done) or NoAnswer (unknown).
  request(type, data, key) {
    const id = String(this.#next++);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(id);
        reject(new NoAnswer("no answer in time"));
      }, ANSWER_MS);
      this.#waiting.set(id, { resolve, reject, timer });
      this.#write(key ? { type, id, key, data } : { type, id, data });
    });
  }

  // Asks for a sign of life; a network that changed under an open socket never says so by itself.
  probe() {
    this.#write({ type: "ping", n: this.#next++ });
    this.#listenFor(PROBE_MS);
  }

  tell(type, data) {
    this.#write({ type, data });
  }

  close() {
    this.#on = { welcome() {}, frame() {}, over() {} };
    this.#socket.close(1000);
    this.#over(1000);
  }

  #write(frame) {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(frame));
  }

  #listenFor(ms) {
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => {
      this.#socket.close();
      this.#over(4003);
    }, ms);
  }

  #receive(text) {
    this.#listenFor(this.#patience);
    const frame = JSON.parse(text);
    switch (frame.type) {
      case "ping":
        return this.#write({ type: "pong", n: frame.n });
      case "pong":
        return;
      case "bye":
        this.#bye = frame.data;
        return;
      case "welcome": {
        const { intervalMs, timeoutMs } = frame.data.heartbeat;
        this.#patience = intervalMs + timeoutMs;
        return this.#on.welcome(frame.data);
      }
      case "ok":
      case "error":
        return this.#settle(frame);
      default:
        return this.#on.frame(frame);
    }
  }

  #settle(frame) {
    const waiting = this.#waiting.get(frame.id);
    if (!waiting) return;
    this.#waiting.delete(frame.id);
    clearTimeout(waiting.timer);
    if (frame.type === "ok") waiting.resolve(frame.data);
    else waiting.reject(new Refusal(frame.error));
  }

  #over(code) {
    if (this.#isOver) return;
    this.#isOver = true;
    clearTimeout(this.#silence);
    for (const { reject, timer } of this.#waiting.values()) {
      clearTimeout(timer);
      reject(new NoAnswer("the connection was lost"));
    }
    this.#waiting.clear();
    const bye = this.#bye ?? {};
    this.#on.over({ code, reason: bye.reason, reconnect: bye.reconnect ?? verdict(code), retryAfterMs: bye.retryAfterMs ?? 0 });
  }
}

// The range carries the verdict, so codes that are new to this page are handled too.
function verdict(code) {
  if (code >= 4100 && code < 4200) return "fresh";
  if (code >= 4400 && code < 4500) return "never";
  return "resume";
}
