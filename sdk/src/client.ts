/** The client: one object that wires the parts together. */

import { Api } from "./api.ts";
import type { Frame } from "./codec.ts";
import { isDurable } from "./codec.ts";
import { Connection } from "./connection.ts";
import { Credential } from "./credentials.ts";
import type { Environment } from "./environment.ts";
import { platform, Timer } from "./environment.ts";
import { closed, HubbubError } from "./error.ts";
import type { Answers, Commands, Events, Hello, User, Welcome } from "./gen/protocol.ts";
import { Identity } from "./identity.ts";
import { newKey } from "./key.ts";
import { ANY, Listeners, RESET } from "./listeners.ts";
import type { ClientOptions } from "./options.ts";
import { OutboxStore } from "./outbox.ts";
import type { Outbox } from "./outbox-types.ts";
import { report } from "./readable.ts";
import { Receipts } from "./receipts.ts";
import { Requests } from "./requests.ts";
import type { Rooms } from "./rooms.ts";
import { roomsOf } from "./rooms.ts";
import type { ClientStorage } from "./storage.ts";
import { following, guard, indexedStorage, memoryStorage } from "./storage.ts";
import { Streams } from "./streams.ts";
import type { TabMessage } from "./tabs.ts";
import { Tabs } from "./tabs.ts";
import type { CommandName, ConnectionState, EventName, Incoming, Pending, Readable, RequestOptions } from "./types.ts";

/** Places in streams are written this long after they moved. */
const SAVE_MS = 250;
export class HubbubClient {
  readonly connection: Readable<ConnectionState>;
  /** Who is logged in; known without a network once it was known. */
  readonly me: Readable<User | null>;
  readonly welcome: Readable<Welcome | null>;
  /** The tables of whoever is logged in; nothing is kept while that is nobody. */
  readonly storage: ClientStorage;
  readonly outbox: Outbox;
  readonly api: Api;
  readonly rooms: Rooms;
  /** What was stored has been read. */
  readonly ready: Promise<void>;

  readonly #environment: Environment;
  readonly #connection: Connection;
  readonly #credential: Credential;
  readonly #identity: Identity;
  readonly #listeners = new Listeners();
  readonly #outbox: OutboxStore;
  readonly #receipts: Receipts;
  readonly #requests: Requests;
  readonly #streams: Streams;
  readonly #device: Hello["device"];
  #loaded: Promise<void>;
  readonly #tabs: Tabs;
  readonly #saving: Timer;

  constructor(options: ClientOptions) {
    const { auth = {}, device, onWarning, storage, url } = options;
    const environment = (this.#environment = { ...platform(), ...options.environment });
    this.#saving = new Timer(environment);
    const origin = url.replace(/\/$/, "");
    const name = `hubbub:${origin}`;
    this.#tabs = new Tabs(environment, name, (message) => this.#heard(message));
    this.#device = device;
    const hasDatabase = storage === undefined && environment.indexedDB !== undefined;
    const kept = storage ?? (hasDatabase ? indexedStorage(environment, name) : memoryStorage());
    const safe = guard(kept, (error) => onWarning?.("storage", error));
    this.#identity = new Identity(safe);
    this.me = this.#identity.me;
    this.welcome = this.#identity.welcome;
    this.storage = following(() => this.#identity.own);
    this.#credential = new Credential(auth, environment.now);
    this.api = new Api({
      environment,
      url: origin,
      bearer: (why) => this.#credential.bearer(why),
      entered: () => {
        this.#credential.forget();
        return this.#identity.left();
      },
    });
    this.#requests = new Requests(environment);
    this.#receipts = new Receipts(environment, (rooms) =>
      this.#requests.tell("ack", { cursors: this.#streams.places(rooms) }),
    );
    this.#streams = new Streams({
      feed: () => this.me.get()?.id,
      deliver: (frame) => this.#deliver(frame),
      delivered: (stream) => stream !== this.me.get()?.id && this.#receipts.note(stream),
      reset: (stream) => this.#listeners.tell(RESET, stream),
      sync: (room, after, signal) => this.#requests.insist("history.sync", { room, after }, signal),
      moved: () => this.#saveSoon(),
    });
    this.outbox = this.#outbox = new OutboxStore({
      environment,
      name,
      storage: () => this.#identity.own,
      known: () => this.#identity.known(),
      isShared: () => (hasDatabase || Boolean(storage)) && this.#tabs.isOpen && safe.isWhole(),
      post: (message) => this.#tabs.tell(message),
      call: (type, data, wait) => this.#requests.call(type, data, wait),
    });
    this.#connection = this.#connect(origin, environment);
    this.connection = this.#connection.state;
    this.rooms = roomsOf(this);
    this.#tabs.open();
    this.ready = this.#loaded = this.#load(this.#identity.load());
  }

  /** Resolves once online; rejects when it ends for good before. */
  connect(): Promise<void> {
    this.#tabs.open();
    return this.#connection.connect();
  }

  /** Tries now instead of later. */
  reconnect(): void {
    this.#connection.wake();
  }

  /** Ends the connection until `connect`; nothing is forgotten. */
  close(): void {
    this.#save();
    this.#connection.close("closed");
    this.#tabs.close();
  }

  /**
   * Ends the session, and forgets the person in every tab. Rejects when the server could not be told: it is told before
   * the next connection.
   */
  async logout(): Promise<void> {
    this.#tabs.tell({ is: "logout" });
    this.#forget();
    await this.#identity.wipe(false);
    let isTold = true;
    try {
      await this.api.logOut();
    } catch (error) {
      // Refused means that the session was over already.
      isTold = error instanceof HubbubError && error.kind === "refused";
      if (!isTold) throw error;
    } finally {
      this.#credential.forget();
      // Other tabs may have written something before they heard of it.
      await this.#identity.wipe(isTold);
    }
  }

  /** Asks and waits for the answer, through reconnects. A change is done once, however often it has to be sent. */
  request<K extends CommandName>(type: K, data: Commands[K], options: RequestOptions = {}): Promise<Answers[K]> {
    const { phase, reason = "closed" } = this.connection.get();
    if (phase === "closed") return Promise.reject(closed(reason));
    this.#connection.unpark();
    // Questions need no key; a list of those that do would be longer than all the keys that are sent in vain.
    return this.#requests.call(type, data, { key: this.#newKey(), ...options });
  }

  /** Writes a change into the outbox: it is sent when that is possible, after those of its lane before it. */
  enqueue<K extends CommandName>(type: K, data: Commands[K], options: { lane: string; key?: string }): Pending<K> {
    const { lane, key = this.#newKey() } = options;
    this.#connection.unpark();
    return this.#outbox.enqueue(type, data, lane, key);
  }

  on<K extends EventName>(
    type: K,
    handler: (event: Incoming<K>) => void,
    options: { signal?: AbortSignal } = {},
  ): () => void {
    return this.#listeners.add(type, handler, options.signal);
  }

  onAny(handler: (event: Incoming) => void): () => void {
    return this.#listeners.add(ANY, handler);
  }

  /** Continuity was lost: drop what you know of this stream (a room, or the user's own feed) and load it anew. */
  onReset(handler: (stream: string) => void): () => void {
    return this.#listeners.add(RESET, handler);
  }

  #connect(origin: string, environment: Environment): Connection {
    const page = origin || String(globalThis.location?.origin ?? "");
    return new Connection(environment, {
      url: `${page.replace(/^http/, "ws")}/v1/rt`,
      prove: (why) => this.#prove(why),
      introduce: () => ({ device: this.#device, resume: this.#streams.resume() }),
      query: () => this.#streams.query,
      welcome: (welcome) => this.#welcomed(welcome),
      frame: (frame) => this.#frame(frame),
      down: () => this.#down(),
    });
  }

  async #prove(why: "connect" | "expired"): Promise<{ ticket?: string; token?: string }> {
    await this.#loaded;
    if (await this.#identity.isLeaving()) {
      await this.api.logOut().catch((error: unknown) => {
        if (error instanceof HubbubError && error.kind !== "refused") throw error;
      });
      await this.#identity.left();
    }
    return this.#credential.prove(why, this.api, this.#streams.query);
  }

  /** Reads what is stored of a user, before anything is done for them. */
  async #load(identity: ReturnType<Identity["load"]>): Promise<void> {
    this.#streams.load(await identity);
    await this.#outbox.load();
  }

  #welcomed(welcome: Welcome): boolean {
    const me = this.me.get();
    if (me && me.id !== welcome.user.id) {
      // The credential is someone else's now: everything of the one before is put away before they are served.
      this.#outbox.forget("switched");
      this.#streams.load();
      this.#loaded = this.#load(this.#identity.change(welcome.user));
      return false;
    }
    void this.#identity.greeted(welcome);
    void this.#credential.endsAt(welcome.expiresAt);
    this.#tabs.tell({ is: "user", id: welcome.user.id });
    this.#listeners.frame({ type: "welcome", data: welcome });
    this.#requests.up((text) => this.#connection.send(text));
    this.#streams.welcome(welcome);
    this.#outbox.up();
    return true;
  }

  #down(): void {
    const { phase, reason = "closed" } = this.connection.get();
    this.#requests.down();
    this.#streams.down();
    this.#outbox.down();
    this.#receipts.stop();
    if (phase === "closed") this.#requests.close(reason);
  }

  #frame(frame: Frame): void {
    const { type } = frame;
    if (["ok", "error"].includes(type)) {
      // Before the answer is known to anyone: the room's events may follow at once.
      const { room, head, cursor } = (frame.data ?? {}) as Partial<Answers["dm.open"]>;
      if (room?.id && head !== undefined) this.#streams.entered(room.id, head, cursor ?? "");
      return this.#requests.answered(frame);
    }
    if (isDurable(frame)) return this.#streams.take(frame);
    if (type === "room.gap") this.#streams.gap(frame.data as Events["room.gap"]);
    if (type === "room.reset") this.#streams.reset(frame.data as Events["room.reset"]);
    if (type === "auth.expiring") {
      void this.#credential.renew((token) => this.request("auth.refresh", { token })).catch(report);
    }
    this.#listeners.frame(frame);
  }

  #deliver(frame: Frame): void {
    const me = this.me.get();
    const { user } = (frame.data ?? {}) as Partial<Events["account.updated"]>;
    if (frame.type === "account.updated" && me && user) this.#identity.rename({ ...me, ...user });
    this.#listeners.frame(frame);
  }

  #saveSoon(): void {
    if (!this.#saving.isRunning) this.#saving.start(SAVE_MS, () => this.#save());
  }

  #save(): void {
    this.#saving.stop();
    void this.#identity.saveCursors(this.#streams.save());
  }

  #forget(): void {
    this.#connection.close("logged_out");
    this.#saving.stop();
    this.#identity.leave();
    this.#outbox.forget("logged_out");
    this.#streams.load();
  }

  #heard(message: TabMessage): void {
    if (message.is === "logout") {
      this.#credential.forget();
      this.#forget();
    } else if (message.is !== "user") {
      this.#outbox.heard(message);
    } else if (!this.#credential.isGiven) {
      // One cookie for all tabs: they all follow the one who logged in last.
      const { phase, reason } = this.connection.get();
      if (phase === "closed" && reason !== "closed") this.connect().catch(() => {});
      else if ((this.me.get()?.id ?? message.id) !== message.id) this.#connection.restart();
    }
  }

  #newKey(): string {
    return newKey(this.#environment.now(), this.#environment.random);
  }
}
