/** Who is logged in, and what is stored for them: known without a network, never mixed with someone else's. */

import type { Cursors, User, Welcome } from "./gen/protocol.ts";
import { Cell } from "./readable.ts";
import type { ClientStorage, SafeStorage } from "./storage.ts";
import { memoryStorage, scope } from "./storage.ts";

/** What belongs to no user. */
const TABLE = "client";
const ME = "me";
/** Set while the server does not know of a log-out yet. */
const LEAVING = "leaving";

/** What is stored of a user. */
const STATE = "state";
const WELCOME = "welcome";
const CURSORS = "cursors";

export class Identity {
  readonly me = new Cell<User | null>(null);
  readonly welcome = new Cell<Welcome | null>(null);
  readonly #all: SafeStorage;
  #own: ClientStorage = memoryStorage();

  constructor(all: SafeStorage) {
    this.#all = all;
  }

  /** The tables of the user who is logged in now; an operation stays with the one it began with. */
  get own(): ClientStorage {
    return this.#own;
  }

  /** Reads who was logged in. Returns where they were in their streams. */
  async load(): Promise<Cursors | undefined> {
    const user = await this.#all.get<User>(TABLE, ME);
    if (!user || this.me.get()) return undefined;
    return this.#enter(user);
  }

  /** Takes what the server says of the user, who is the same as before, or the first one. */
  async greeted(welcome: Welcome): Promise<void> {
    const isNew = this.me.get()?.id !== welcome.user.id;
    if (isNew) this.#scope(welcome.user);
    this.rename(welcome.user);
    this.welcome.set(welcome);
    await this.#own.put(STATE, WELCOME, welcome);
  }

  /** Someone else logged in. Returns where they were in their streams. */
  async change(user: User): Promise<Cursors | undefined> {
    this.me.set(null);
    this.welcome.set(null);
    await this.#all.put(TABLE, ME, user);
    return this.#enter(user);
  }

  rename(user: User): void {
    const { id, name, role } = user;
    const me = this.me.get();
    if (me?.id === id && me.name === name && me.role === role) return;
    this.me.set({ id, name, role });
    void this.#all.put(TABLE, ME, { id, name, role });
  }

  saveCursors(cursors: Cursors): Promise<void> {
    return this.#own.put(STATE, CURSORS, cursors);
  }

  /** Forgets who is logged in; what someone still writes for them is not kept. */
  leave(): void {
    this.#own = memoryStorage();
    this.me.set(null);
    this.welcome.set(null);
  }

  /** Wipes what is stored of everyone. */
  async wipe(isTold: boolean): Promise<void> {
    await this.#all.clear();
    if (!isTold) await this.#all.put(TABLE, LEAVING, true);
  }

  /** Whether the server has still to be told of a log-out. */
  isLeaving(): Promise<boolean | undefined> {
    return this.#all.get(TABLE, LEAVING);
  }

  left(): Promise<void> {
    return this.#all.delete(TABLE, LEAVING);
  }

  /** Resolves once someone is logged in. */
  known(): Promise<void> {
    if (this.me.get()) return Promise.resolve();
    return new Promise((resolve) => {
      const stop = this.me.subscribe(() => {
        if (!this.me.get()) return;
        stop();
        resolve();
      });
    });
  }

  async #enter(user: User): Promise<Cursors | undefined> {
    const storage = this.#scope(user);
    const [welcome, cursors] = await Promise.all([
      storage.get<Welcome>(STATE, WELCOME),
      storage.get<Cursors>(STATE, CURSORS),
    ]);
    this.me.set(user);
    this.welcome.set(welcome ?? null);
    return cursors;
  }

  #scope(user: User): ClientStorage {
    const own: ClientStorage = scope(this.#all, user.id, () => this.#own === own);
    return (this.#own = own);
  }
}
