// Keeps one socket alive: idle → connecting → online → recovering → … → closed. Says honestly which of them it is.

import * as api from "./api.js";
import { Backoff } from "./backoff.js";
import { Socket } from "./socket.js";

export class Connection extends EventTarget {
  state = "idle";
  // Why it is closed, or null.
  reason = null;
  // When the next try begins, or null.
  retryAt = null;
  #socket = null;
  #session = null;
  #backoff = new Backoff();
  #timer = null;
  #attempt = 0;
  #cursors;

  // cursors() gives { stream: [seq, id] }: what this page has seen.
  constructor(cursors) {
    super();
    this.#cursors = cursors;
    window.addEventListener("online", () => this.#wake());
    window.addEventListener("offline", () => this.#socket?.probe());
    document.addEventListener("visibilitychange", () => this.#visible());
  }

  start() {
    if (this.state === "idle" || this.state === "closed") this.#connect();
  }

  retryNow() {
    if (this.state === "recovering" && this.retryAt !== null) this.#connect();
  }

  stop() {
    this.#attempt += 1;
    clearTimeout(this.#timer);
    this.#socket?.close();
    this.#socket = null;
    this.#session = null;
    this.#become("idle");
  }

  async request(type, data, key) {
    if (this.state !== "online") throw new api.NoAnswer("not connected");
    return this.#socket.request(type, data, key);
  }

  async #connect() {
    clearTimeout(this.#timer);
    const attempt = ++this.#attempt;
    this.retryAt = null;
    this.#become(this.#session ? "recovering" : "connecting");
    let ticket;
    try {
      ({ ticket } = await api.ticket());
    } catch (error) {
      if (attempt !== this.#attempt) return;
      if (error.status === 401) return this.#signedOut();
      return this.#later(error.retryAfterMs);
    }
    if (attempt === this.#attempt) this.#open(ticket);
  }

  #open(ticket) {
    const url = new URL("/v1/rt", location.href);
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    const hello = {
      ticket,
      device: { platform: "web", app: "first-page", version: "1" },
      visible: document.visibilityState === "visible",
    };
    if (this.#session) hello.resume = { session: this.#session, cursors: this.#cursors() };
    const socket = new Socket(url, hello, {
      welcome: (data) => {
        this.#session = data.session;
        this.#backoff.connected();
        this.#become("online");
        this.#emit("welcome", data);
      },
      frame: (frame) => this.#emit("frame", frame),
      over: (end) => {
        if (this.#socket === socket) this.#over(end);
      },
    });
    this.#socket = socket;
  }

  #over({ reason, reconnect, retryAfterMs }) {
    this.#socket = null;
    this.#backoff.lost();
    if (reconnect === "never") {
      this.reason = reason ?? "the server refused this page";
      return this.#become("closed");
    }
    // A ticket is fetched for every try anyway; when the session itself is over, that answers 401.
    if (reconnect === "fresh") this.#session = null;
    this.#later(retryAfterMs);
  }

  #later(floorMs) {
    const wait = this.#backoff.next(floorMs);
    this.retryAt = Date.now() + wait;
    this.#timer = setTimeout(() => this.#connect(), wait);
    this.#become("recovering");
  }

  #signedOut() {
    this.stop();
    this.#emit("signedout");
  }

  #wake() {
    if (this.state === "online") this.#socket.probe();
    else this.retryNow();
  }

  #visible() {
    const visible = document.visibilityState === "visible";
    if (this.state === "online") this.#socket.tell("client.state", { visible });
    if (visible) this.#wake();
  }

  #become(state) {
    this.state = state;
    this.#emit("state");
  }

  #emit(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}
