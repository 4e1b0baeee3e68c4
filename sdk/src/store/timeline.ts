/** One timeline: which pages it asks for, and how they and the events come together. */

import type { Commands, Message } from "../gen/protocol.ts";
import { type Context, type Follower, patience } from "./context.ts";
import { KEPT_MESSAGES } from "./cache.ts";
import type { StoredEvent } from "./events.ts";
import { type Timer, later } from "./later.ts";
import { MessageList } from "./message-list.ts";
import { type Once, begin, once } from "./once.ts";
import { WatchedCell } from "./readable.ts";
import {
  type Anchor,
  type Page,
  type TimelineState,
  firstPage,
  newerPage,
  olderPage,
  timelineAfter,
  unloaded,
} from "./timeline-state.ts";
import { type Home, timelineView } from "./timeline-view.ts";
import type { Target, Timeline, TimelineMessage, TimelineStore } from "./types.ts";

const PAGE = 50;
const PAGE_MAX = 100;
/** With more unread than this the first page is the one around the first unread message. */
const NEAR = 40;
/** A timeline that nobody watches is cut down after this long. */
const CLOSED_MS = 30_000;

type Where = Omit<Commands["history.get"], "room" | "thread">;

export class RoomTimeline implements TimelineStore, Follower {
  readonly #context: Context;
  readonly #home: Home;
  readonly #thread: string | undefined;
  readonly #cell: WatchedCell<Timeline>;
  #state: Once<TimelineState> = begin(unloaded);
  // What happened while pages were on their way: they may be from before or after it.
  #meanwhile: StoredEvent[] = [];
  #loads = 0;
  // Counts what makes pages that are on their way worthless.
  #epoch = 0;
  #closing: Timer | undefined;

  constructor(context: Context, home: Home, thread: string | undefined) {
    this.#context = context;
    this.#home = home;
    this.#thread = thread;
    this.#cell = new WatchedCell(this.#view(), { first: () => this.#open(), last: () => this.#close() });
    context.follow(home.id, this);
  }

  readonly get = (): Timeline => this.#cell.get();
  readonly subscribe = (listener: () => void): (() => void) => this.#cell.subscribe(listener);

  get #now(): TimelineState {
    return this.#state.value;
  }

  /** Shows it anew: drafts or overlays changed. */
  refresh(): void {
    this.#cell.set(this.#view());
  }

  take(event: StoredEvent): void {
    if (this.#loads > 0) this.#meanwhile.push(event);
    const before = this.#now;
    this.#state = once(this.#state, event, this.#reduce);
    if (event.type === "message.new") this.#home.arrived([event.data]);
    if (this.#now !== before) this.#told(before);
  }

  /** A message of one's own that the server has confirmed. */
  confirmed(message: TimelineMessage): void {
    const { isLoaded, hasNewer, list } = this.#now;
    const isWanted = isLoaded && !hasNewer && !list.byId(message.message);
    if (isWanted) this.#set({ list: list.put(message) }, [message]);
  }

  /** Changes one message as the server has confirmed it. */
  amend(id: string, change: (message: TimelineMessage) => TimelineMessage | null): void {
    const { list } = this.#now;
    const before = list.byId(id);
    const after = before && change(before);
    if (before && after !== before) this.#set({ list: after ? list.put(after) : list.without(id) });
  }

  /** A message as it is shown, if it is here. */
  find(message: string): TimelineMessage | undefined {
    const known = this.#now.list.byId(message);
    return known && this.get().items.find((item) => item.message === message);
  }

  wake(): void {
    const { isLoaded, loading } = this.#now;
    if (!this.#cell.isWatched || isLoaded || loading === "first") return;
    if (this.#context.isOnline && this.#home.isMember()) void this.#start();
  }

  /** Loads it anew; what is known is shown until then. */
  doubt(): void {
    this.#epoch += 1;
    this.#set({ isLoaded: false, loading: null });
    if (this.#cell.isWatched) this.wake();
    else this.evict();
  }

  forget(): void {
    this.evict();
  }

  /** Gives the memory back. */
  evict(): void {
    this.#epoch += 1;
    this.#state = { ...this.#state, value: unloaded };
    this.refresh();
  }

  async loadOlder(): Promise<void> {
    const { hasOlder, loading, list, isLoaded } = this.#now;
    const from = list.first?.seq;
    if (!isLoaded || !hasOlder || loading || from === undefined) return;
    await this.#load("older", { before: from, limit: PAGE }, (state, page) =>
      olderPage(state, from, page, this.#context.me),
    );
  }

  async loadNewer(): Promise<void> {
    const { hasNewer, loading, list, isLoaded } = this.#now;
    if (!isLoaded || !hasNewer || loading) return;
    await this.#load("newer", { after: list.last?.seq ?? 0, limit: PAGE }, (state, page) =>
      newerPage(state, page, this.#context.me),
    );
  }

  async jumpTo(target: Target): Promise<number> {
    if ("at" in target) {
      await this.#first({ at: target.at, limit: PAGE }, "at");
      if (this.#now.list.length === 0) await this.#first({ limit: PAGE }, "latest");
      const found = this.get().items.findIndex((item) => item.at >= target.at);
      return found < 0 ? this.get().items.length - 1 : found;
    }
    const seq =
      "seq" in target
        ? target.seq
        : await (this.#now.list.byId(target.message)?.seq ?? this.#home.seqOf(target.message, this.#thread));
    if (seq === undefined) return -1;
    const { list, isLoaded } = this.#now;
    const isKnown = isLoaded && seq >= (list.first?.seq ?? Infinity) && seq <= (list.last?.seq ?? 0);
    if (!isKnown) await this.#first({ around: seq, limit: PAGE_MAX }, "around");
    return this.get().items.findIndex((item) =>
      "message" in target ? item.message === target.message : item.seq >= seq,
    );
  }

  async toLatest(): Promise<void> {
    const { isLoaded, hasNewer } = this.#now;
    if (isLoaded && hasNewer) await this.#first({ limit: PAGE }, "latest");
    // The first page was refused: this is how it is tried again.
    if (!isLoaded) this.wake();
  }

  retry(key: string): void {
    this.#context.client.outbox.retry(key);
  }

  discard(key: string): void {
    this.#context.client.outbox.discard(key);
    this.#home.drafts.settle(key);
  }

  readonly #reduce = (state: TimelineState, event: StoredEvent): TimelineState =>
    timelineAfter(state, event, this.#context.me, this.#thread);

  #view(): Timeline {
    return timelineView(this.#now, this.#home, this.#thread);
  }

  /** With messages that have arrived: their drafts go in the same moment. */
  #set(change: Partial<TimelineState>, arrived: readonly Message[] = []): void {
    const before = this.#now;
    this.#state = { ...this.#state, value: { ...before, ...change } };
    this.#home.arrived(arrived);
    this.#told(before);
  }

  #told(before: TimelineState): void {
    this.refresh();
    const { isLoaded, hasNewer, list } = this.#now;
    const isNews = list !== before.list || !before.isLoaded;
    if (!isLoaded || hasNewer || this.#thread !== undefined || !isNews) return;
    this.#context.cache.putRoom(this.#home.id, () => list.newest(KEPT_MESSAGES));
    if (list.last) this.#home.latest(list.last);
  }

  #open(): void {
    this.#closing?.stop();
    this.#home.opened(this);
    this.#freeze();
    const { isLoaded, list, hasOlder } = this.#now;
    if (!isLoaded && list.length === 0) void this.#recall();
    // It was kept, but more is unread by now than it has.
    const isShort = isLoaded && hasOlder && (this.#home.counter(this.#thread)?.unread ?? 0) > list.length;
    if (isShort && this.#context.isOnline) void this.#start();
    else this.wake();
  }

  /** Loads the newest page although nobody watches: for a list of rooms, and for reading without a network. */
  async warm(): Promise<void> {
    const { isLoaded, loading } = this.#now;
    if (isLoaded || loading || this.#cell.isWatched || !this.#context.isOnline) return;
    await this.#first({ limit: PAGE }, "latest");
    if (!this.#cell.isWatched) this.#home.closed(this);
  }

  #close(): void {
    this.#closing?.stop();
    this.#closing = later(CLOSED_MS, () => {
      const { isLoaded, hasNewer, list } = this.#now;
      if (!isLoaded || hasNewer) return this.evict();
      if (list.length > KEPT_MESSAGES) this.#set({ list: MessageList.of(list.newest(KEPT_MESSAGES)), hasOlder: true });
      this.#home.closed(this);
    });
  }

  /** The unread divider stands where one had read to when one came. */
  #freeze(): void {
    const counter = this.#home.counter(this.#thread);
    this.#set({ dividerSeq: counter && counter.unread > 0 ? counter.read : null });
  }

  async #recall(): Promise<void> {
    if (this.#thread !== undefined) return;
    const epoch = this.#epoch;
    const found = await this.#context.cache.get<TimelineMessage[]>(`room:${this.#home.id}`);
    const { isLoaded, list } = this.#now;
    if (!found?.length || epoch !== this.#epoch || isLoaded || list.length > 0) return;
    this.#set({ list: MessageList.of(found), hasOlder: true });
  }

  /** The first page: the newest, or the one around the first unread message. */
  async #start(): Promise<void> {
    this.#freeze();
    const counter = this.#home.counter(this.#thread);
    if (counter && counter.unread > NEAR && counter.read > 0) {
      return this.#first({ around: counter.read, limit: PAGE_MAX }, "around");
    }
    await this.#first({ limit: PAGE }, "latest");
    await this.#renew();
  }

  /** Reads again what came from the cache. */
  async #renew(): Promise<void> {
    const epoch = this.#epoch;
    for (let from = this.#now.staleBefore; from > 0 && epoch === this.#epoch;) {
      const before = from;
      await this.#load(null, { before, limit: PAGE_MAX }, (state, page) =>
        olderPage(state, before, page, this.#context.me),
      );
      from = this.#now.staleBefore === before ? 0 : this.#now.staleBefore;
    }
  }

  async #first(where: Where, anchor: Anchor): Promise<void> {
    this.#epoch += 1;
    await this.#load("first", where, (state, page) => firstPage(state, page, anchor, this.#context.me));
  }

  async #load(
    kind: Timeline["loading"],
    where: Where,
    merge: (state: TimelineState, page: Page) => TimelineState,
  ): Promise<void> {
    const epoch = this.#epoch;
    const { error: _, ...calm } = this.#now;
    this.#state = { ...this.#state, value: { ...calm, loading: kind ?? calm.loading } };
    this.refresh();
    this.#loads += 1;
    try {
      const thread = this.#thread === undefined ? {} : { thread: this.#thread };
      const page = await this.#context.request("history.get", { room: this.#home.id, ...thread, ...where });
      if (epoch !== this.#epoch) return;
      const merged = this.#meanwhile.reduce(this.#reduce, merge(this.#now, page));
      this.#set({ ...merged, loading: kind ? null : merged.loading }, page.messages);
    } catch (error) {
      if (epoch === this.#epoch) this.#failed(kind, error);
    } finally {
      this.#loads -= 1;
      if (this.#loads === 0) this.#meanwhile = [];
    }
  }

  #failed(kind: Timeline["loading"], error: unknown): void {
    const message = error instanceof Error ? error.message : String(error);
    this.#set({ loading: null, error: message });
    const pause = patience(error);
    if (kind === "first" && pause !== undefined) later(pause, () => this.wake());
  }
}
