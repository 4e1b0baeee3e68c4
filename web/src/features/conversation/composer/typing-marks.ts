/** Others see a mark for a few seconds: it is renewed well before that, and taken back when the text is sent or gone. */
const RENEW_MS = 3_000;

/** Tells that somebody types: at most every three seconds, and once that they stopped. */
export class TypingMarks {
  #toldAt = Number.NEGATIVE_INFINITY;
  readonly #tell: (on: boolean) => void;
  readonly #now: () => number;

  constructor(tell: (on: boolean) => void, now: () => number = Date.now) {
    this.#tell = tell;
    this.#now = now;
  }

  /** After each change of the text by hand. */
  typed(text: string): void {
    if (!text.trim()) return this.stopped();
    if (this.#now() - this.#toldAt < RENEW_MS) return;
    this.#toldAt = this.#now();
    this.#tell(true);
  }

  stopped(): void {
    if (this.#toldAt === Number.NEGATIVE_INFINITY) return;
    this.#toldAt = Number.NEGATIVE_INFINITY;
    this.#tell(false);
  }
}
