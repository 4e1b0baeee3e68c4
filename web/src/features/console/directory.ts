/**
 * Names by id. Reports and audit rows hold ids alone, because names change and the log is for ever; people read names.
 * What lists tell of is remembered. Rooms are asked for one after the other, and each only once.
 */

export type LookUp = (id: string) => Promise<string | undefined>;

export class Directory {
  #names = new Map<string, string>();
  #asked = new Set<string>();
  #waiting: string[] = [];
  #isAsking = false;
  #listeners = new Set<() => void>();
  readonly #lookUp: LookUp;

  constructor(lookUp: LookUp) {
    this.#lookUp = lookUp;
  }

  get(id: string): string | undefined {
    return this.#names.get(id);
  }

  remember(people: Iterable<{ readonly id: string; readonly name?: string | undefined }>) {
    let isNew = false;
    for (const { id, name } of people) {
      if (!name || this.#names.get(id) === name) continue;
      this.#names.set(id, name);
      isNew = true;
    }
    if (isNew) this.#tell();
  }

  /** Somebody would like to read this name. */
  want(id: string) {
    if (this.#names.has(id) || this.#asked.has(id)) return;
    this.#asked.add(id);
    this.#waiting.push(id);
    void this.#ask();
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  };

  async #ask() {
    if (this.#isAsking) return;
    this.#isAsking = true;
    for (let id = this.#waiting.shift(); id; id = this.#waiting.shift()) {
      // A list may have told it meanwhile.
      if (this.#names.has(id)) continue;
      try {
        this.remember([{ id, name: await this.#lookUp(id) }]);
      } catch {
        // Without a name the id is shown; that is no reason to disturb anybody.
      }
    }
    this.#isAsking = false;
  }

  #tell() {
    for (const listener of this.#listeners) listener();
  }
}
