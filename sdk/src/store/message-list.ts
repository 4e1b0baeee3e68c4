/**
 * An immutable list of messages by seq, in chunks: a change copies one chunk and the list of chunks, never the whole.
 * Messages that did not change stay the same objects.
 */

import type { TimelineMessage } from "./types.ts";

type Chunk = readonly TimelineMessage[];

const CHUNK = 256;

/** The first place whose seq is not below `seq`. */
function lowerBound<T>(rows: readonly T[], seq: number, seqOf: (row: T) => number): number {
  let [low, high] = [0, rows.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (seqOf(rows[middle] as T) < seq) low = middle + 1;
    else high = middle;
  }
  return low;
}

const seqOf = (message: TimelineMessage) => message.seq;
const lastSeqOf = (chunk: Chunk) => chunk[chunk.length - 1]?.seq ?? 0;

function cut(messages: Chunk): Chunk[] {
  const chunks: Chunk[] = [];
  for (let from = 0; from < messages.length; from += CHUNK) chunks.push(messages.slice(from, from + CHUNK));
  return chunks;
}

/** A copy with one more, or another, row. */
function placed<T>(rows: readonly T[], at: number, row: T): readonly T[] {
  if (at === rows.length) return rows.concat([row]);
  const copy = rows.slice();
  copy[at] = row;
  return copy;
}

export class MessageList {
  static readonly empty = new MessageList([], 0, new Map());

  readonly length: number;
  readonly #chunks: readonly Chunk[];
  // Where a message was last seen. All versions of a list share it: a message never changes its seq, and what is found
  // with it is checked against the chunks.
  readonly #seqs: Map<string, number>;

  private constructor(chunks: readonly Chunk[], length: number, seqs: Map<string, number>) {
    this.#chunks = chunks;
    this.length = length;
    this.#seqs = seqs;
  }

  /** `messages` are sorted by seq. */
  static of(messages: readonly TimelineMessage[]): MessageList {
    return MessageList.empty.replaced(0, Infinity, messages);
  }

  get first(): TimelineMessage | undefined {
    return this.#chunks[0]?.[0];
  }

  get last(): TimelineMessage | undefined {
    return this.#chunks[this.#chunks.length - 1]?.at(-1);
  }

  byId(id: string): TimelineMessage | undefined {
    const seq = this.#seqs.get(id);
    if (seq === undefined) return undefined;
    const chunk = this.#chunks[lowerBound(this.#chunks, seq, lastSeqOf)];
    const found = chunk?.[lowerBound(chunk, seq, seqOf)];
    return found?.message === id ? found : undefined;
  }

  /** Where the first message stands whose seq is not below `seq`. */
  indexOfSeq(seq: number): number {
    let index = 0;
    for (const chunk of this.#chunks) {
      if (lastSeqOf(chunk) >= seq) return index + lowerBound(chunk, seq, seqOf);
      index += chunk.length;
    }
    return index;
  }

  indexOf(id: string): number {
    const found = this.byId(id);
    return found ? this.indexOfSeq(found.seq) : -1;
  }

  /** With a message added, or in the place of the one that has its seq. */
  put(message: TimelineMessage): MessageList {
    const { seq } = message;
    const chunks = this.#chunks;
    // The chunk that has its place; a new one at the end when the last is full.
    const isNewest = seq > (this.last?.seq ?? 0);
    const at = isNewest ? chunks.length - (this.#isLastFull ? 0 : 1) : lowerBound(chunks, seq, lastSeqOf);
    const chunk = chunks[at] ?? [];
    const place = isNewest ? chunk.length : lowerBound(chunk, seq, seqOf);
    const isThere = chunk[place]?.seq === seq;
    if (!isNewest && !isThere) return this.replaced(seq, seq + 1, [message]);
    const now = placed(chunk, place, message);
    const next = placed(chunks, at, now);
    return new MessageList(next, this.length + (isThere ? 0 : 1), this.#noted([message]));
  }

  without(id: string): MessageList {
    const found = this.byId(id);
    return found ? this.replaced(found.seq, found.seq + 1, []) : this;
  }

  /** With these messages, sorted, in the place of all whose seq is at least `from` and below `to`. */
  replaced(from: number, to: number, messages: readonly TimelineMessage[]): MessageList {
    const chunks = this.#chunks;
    const begin = lowerBound(chunks, from, lastSeqOf);
    const end = lowerBound(chunks, to, lastSeqOf);
    const [first, last] = [chunks[begin] ?? [], chunks[end] ?? []];
    const head = first.slice(0, lowerBound(first, from, seqOf));
    const tail = last.slice(lowerBound(last, to, seqOf));
    const before = chunks.slice(0, begin);
    const after = chunks.slice(end + 1);
    // Small neighbours become one chunk with what is put between them.
    const left = head.length + messages.length < CHUNK / 2 ? (before.pop() ?? []) : [];
    const right = tail.length + messages.length < CHUNK / 2 ? (after.shift() ?? []) : [];
    const middle = cut(left.concat(head, messages, tail, right));
    const gone = this.#count(begin, end + 1) - head.length - tail.length;
    const length = this.length - gone + messages.length;
    return new MessageList(before.concat(middle, after), length, this.#noted(messages));
  }

  /** The newest `count`. */
  newest(count: number): readonly TimelineMessage[] {
    const parts: Chunk[] = [];
    let left = count;
    for (let at = this.#chunks.length - 1; at >= 0 && left > 0; at -= 1) {
      const part = (this.#chunks[at] ?? []).slice(-left);
      parts.unshift(part);
      left -= part.length;
    }
    return parts.flat();
  }

  toArray(): TimelineMessage[] {
    return ([] as TimelineMessage[]).concat(...this.#chunks);
  }

  get #isLastFull(): boolean {
    return (this.#chunks[this.#chunks.length - 1]?.length ?? CHUNK) >= CHUNK;
  }

  #count(from: number, to: number): number {
    let count = 0;
    for (let at = from; at < to; at += 1) count += this.#chunks[at]?.length ?? 0;
    return count;
  }

  #noted(messages: readonly TimelineMessage[]): Map<string, number> {
    const seqs = this.length === 0 ? new Map<string, number>() : this.#seqs;
    for (const message of messages) seqs.set(message.message, message.seq);
    return seqs;
  }
}
