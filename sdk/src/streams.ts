/** Where this client is in each stream, and how what is missing comes back: every event once, in order. */

import type { Durable } from "./codec.ts";
import { HubbubError } from "./error.ts";
import type { Answers, Cursor, Cursors, Events, Welcome } from "./gen/protocol.ts";
import { report } from "./readable.ts";

/** Most cursors that a `hello` may carry. */
const CURSORS_MAX = 1_000;
/** A larger gap is not repaired: what one knows of the room is loaded anew. */
const GAP_MAX = 2_000;
/** Events of one `history.sync`. */
const PAGE = 100;

/** Whom the streams tell. */
export interface StreamsHost {
  /** The user's own feed. */
  feed(): string | undefined;
  deliver(frame: Durable): void;
  /** An event was delivered, and its place is known. */
  delivered(stream: string): void;
  /** Continuity was lost. */
  reset(stream: string): void;
  sync(room: string, after: number, signal: AbortSignal): Promise<Answers["history.sync"]>;
  /** A place changed. */
  moved(): void;
}

/** A repair under way, and the frames that wait for it. */
interface Repair {
  readonly waiting: Durable[];
  /** The seq that has to be reached. */
  until: number;
}

export class Streams {
  readonly #host: StreamsHost;
  /** The seq that is known, and the id of its event; without the id the place cannot be proved to the server. */
  #places = new Map<string, Cursor>();
  #repairs = new Map<string, Repair>();
  /** What the last `hello` named. */
  #told: Cursors = {};
  /** The socket's. */
  #life = new AbortController();
  /** Repairs take turns: many rooms at a time would be refused as too much. */
  #queue: Promise<void> = Promise.resolve();

  constructor(host: StreamsHost) {
    this.#host = host;
  }

  /** Takes the places of an earlier life, or none. */
  load(places: Cursors = {}): void {
    this.down();
    this.#places = new Map(Object.entries(places));
  }

  save(): Cursors {
    return Object.fromEntries(this.#places);
  }

  /** The query of those who come back, with cursors: the server lets them in before others. */
  get query(): string {
    return Object.keys(this.resume().cursors).length ? "?resume=1" : "";
  }

  /** Returns what a `hello` says: the latest places that can be proved. */
  resume(): { cursors: Cursors } {
    const proved = [...this.#places].filter(([, [seq, id]]) => id || !seq);
    this.#told = Object.fromEntries(proved.slice(-CURSORS_MAX));
    return { cursors: this.#told };
  }

  /** Where these are; those that ended are left out. */
  places(streams: string[]): Cursors {
    return Object.fromEntries([...this.#places].filter(([stream]) => streams.includes(stream)));
  }

  /** The socket is gone: what waited comes again with the next one. */
  down(): void {
    this.#repairs.clear();
    this.#life.abort();
    this.#life = new AbortController();
  }

  /** Compares with where the server begins. What the `hello` named is replayed, or told of by a gap or a reset. */
  welcome({ rooms, feed }: Welcome): void {
    const heads = [
      ...rooms.map(({ id, head, cursor }) => [id, head, cursor] as const),
      [feed.stream, feed.head, ""] as const,
    ];
    const known = new Set(heads.map(([stream]) => stream));
    for (const stream of this.#places.keys()) if (!known.has(stream)) this.#places.delete(stream);
    for (const [stream, head, id] of heads) {
      const mine = this.#places.get(stream);
      if (!mine || (mine[0] === head && !mine[1])) this.#move(stream, head, id);
      else if (this.#told[stream]) continue;
      else if (mine[0] < head) this.#repair(stream, head);
      else if (mine[0] > head) this.reset({ room: stream, head });
    }
  }

  /** A room that was entered by an answer: what is before `head` was answered. A room that is followed stays as it is. */
  entered(room: string, head: number, id: string): void {
    if (!this.#places.has(room)) this.#move(room, head, id);
  }

  /** Takes the next frame of a stream. */
  take(frame: Durable): void {
    const stream = streamOf(frame);
    const mine = this.#places.get(stream)?.[0];
    const repair = this.#repairs.get(stream);
    if (mine !== undefined && frame.seq <= mine) return;
    if (repair) repair.waiting.push(frame);
    // What lies between `prev` and the frame is not for this client, so `prev` may also be before what a repair reached.
    else if (mine === undefined || frame.prev <= mine) this.#apply(frame);
    else this.#repair(stream, frame.prev).waiting.push(frame);
  }

  /** The server did not replay what is before `head`; events after it follow. */
  gap({ room, stream, head }: Events["room.gap"]): void {
    const name = room ?? stream;
    if (name !== undefined && (this.#places.get(name)?.[0] ?? head) < head) this.#repair(name, head);
  }

  /** What this client knows is not a part of the server's history. */
  reset({ room, stream, head }: Events["room.reset"]): void {
    const name = room ?? stream;
    if (name === undefined) return;
    this.#repairs.delete(name);
    this.#move(name, head, "");
    this.#host.reset(name);
  }

  #move(stream: string, seq: number, id: string): void {
    // Those that moved last stand last.
    this.#places.delete(stream);
    this.#places.set(stream, [seq, id]);
    this.#host.moved();
  }

  #apply(frame: Durable): void {
    const stream = streamOf(frame);
    this.#host.deliver(frame);
    // After the user's own departure the stream is over; if they come back it begins wherever they did.
    if (endsFor(frame, this.#host.feed())) this.#places.delete(stream);
    else {
      this.#move(stream, frame.seq, frame.cursor ?? "");
      this.#host.delivered(stream);
    }
  }

  #repair(stream: string, until: number): Repair {
    const running = this.#repairs.get(stream);
    if (running) {
      running.until = Math.max(running.until, until);
      return running;
    }
    const repair = { waiting: [], until };
    this.#repairs.set(stream, repair);
    this.#queue = this.#queue.then(() => this.#mend(stream, repair)).catch(report);
    return repair;
  }

  async #mend(stream: string, repair: Repair): Promise<void> {
    const isOver = () => this.#repairs.get(stream) !== repair;
    try {
      while (!isOver() && !this.#settle(stream, repair)) {
        const mine = this.#places.get(stream)?.[0] ?? repair.until;
        if (stream === this.#host.feed() || repair.until - mine > GAP_MAX) throw new HubbubError("refused", {});
        const page = await this.#host.sync(stream, mine, this.#life.signal);
        if (isOver()) return;
        this.#page(stream, mine, page);
        if (this.#places.get(stream)?.[0] === mine) throw new HubbubError("refused", {});
      }
    } catch (error) {
      // The socket ended: the next one begins where this one stood.
      if (isOver() || !(error instanceof HubbubError) || error.kind !== "refused") return;
      this.#giveUp(stream, repair);
    }
  }

  #page(stream: string, after: number, { events, head }: Answers["history.sync"]): void {
    for (const event of events) {
      if (event.seq > (this.#places.get(stream)?.[0] ?? -1)) this.#apply({ ...event, replayed: true });
    }
    // A page has gaps where something is not for this client: all of it counts as known.
    const reached = Math.min(after + PAGE, head);
    const mine = this.#places.get(stream)?.[0];
    if (mine !== undefined && mine < reached) this.#move(stream, reached, "");
  }

  /** Applies what waited, as far as it joins. Returns whether nothing is missing any more. */
  #settle(stream: string, repair: Repair): boolean {
    repair.waiting.sort((one, other) => one.seq - other.seq);
    for (;;) {
      const mine = this.#places.get(stream)?.[0];
      const next = repair.waiting[0];
      if (mine !== undefined && mine < repair.until) return false;
      if (!next) break;
      if (mine !== undefined && next.prev > mine) {
        repair.until = next.prev;
        return false;
      }
      repair.waiting.shift();
      if (mine === undefined || next.seq > mine) this.#apply(next);
    }
    this.#repairs.delete(stream);
    return true;
  }

  #giveUp(stream: string, repair: Repair): void {
    this.#move(stream, repair.until, "");
    this.#host.reset(stream);
    if (!this.#settle(stream, repair)) {
      // A second hole among those that waited: the rest begins where it does.
      this.#giveUp(stream, repair);
    }
  }
}

function streamOf(frame: Durable): string {
  return frame.room ?? frame.stream ?? "";
}

function endsFor({ type, data }: Durable, me: string | undefined): boolean {
  return type === "room.deleted" || (type === "room.memberLeft" && (data as Events["room.memberLeft"]).user.id === me);
}
