/** The messages of a room or thread that are known, and what pages and events do to them. Everything here is pure. */

import type { Answers } from "../gen/protocol.ts";
import type { StoredEvent } from "./events.ts";
import { MessageList } from "./message-list.ts";
import { listAfter, shown } from "./messages-state.ts";
import type { Timeline } from "./types.ts";

export type Page = Answers["history.get"];

/** Where a first page was cut: at the end, around a seq, or from a time on. */
export type Anchor = "latest" | "around" | "at";

export interface TimelineState {
  /** Whether the list has no holes, and nothing is missing up to now unless `hasNewer`. */
  readonly isLoaded: boolean;
  /** What the server has told, without holes. */
  readonly list: MessageList;
  readonly hasOlder: boolean;
  readonly hasNewer: boolean;
  readonly loading: Timeline["loading"];
  readonly error?: string;
  readonly dividerSeq: number | null;
  /** Older messages are from the cache: they may have been changed while nobody listened. */
  readonly staleBefore: number;
}

export const unloaded: TimelineState = {
  isLoaded: false,
  list: MessageList.empty,
  hasOlder: false,
  hasNewer: false,
  loading: null,
  dividerSeq: null,
  staleBefore: 0,
};

/** After an event of its room. What it does not show it need not know. */
export function timelineAfter(
  state: TimelineState,
  event: StoredEvent,
  me: string,
  thread: string | undefined,
): TimelineState {
  if (event.type === "message.new" && event.data.thread !== thread) return state;
  const list = listAfter(state.list, event, me, state.isLoaded && !state.hasNewer);
  return list === state.list ? state : { ...state, list };
}

/** After the page that everything else is put around. */
export function firstPage(state: TimelineState, page: Page, anchor: Anchor, me: string): TimelineState {
  const messages = page.messages.map((message) => shown(message, me));
  const begin = messages[0]?.seq;
  // What was shown from the cache stays where it reaches up to the page; it is read again after it.
  const isOverlap = anchor === "latest" && page.more && begin !== undefined && begin <= (state.list.last?.seq ?? 0);
  return {
    ...state,
    isLoaded: true,
    list: isOverlap ? state.list.replaced(begin, Infinity, messages) : MessageList.of(messages),
    hasOlder: page.more || anchor === "at",
    hasNewer: page.more && anchor !== "latest",
    staleBefore: isOverlap ? begin : 0,
  };
}

/** After the page before `seq`: whatever stood in its place is replaced. */
export function olderPage(state: TimelineState, seq: number, page: Page, me: string): TimelineState {
  const messages = page.messages.map((message) => shown(message, me));
  const from = page.more ? (messages[0]?.seq ?? 0) : 0;
  const list = state.list.replaced(from, seq, messages);
  // What stands before the page stays, and is as stale as it was.
  const isStale = state.staleBefore > 0 && from > (list.first?.seq ?? from);
  return { ...state, list, hasOlder: page.more && messages.length > 0, staleBefore: isStale ? from : 0 };
}

/** After the page that follows the newest known message. */
export function newerPage(state: TimelineState, page: Page, me: string): TimelineState {
  const messages = page.messages.map((message) => shown(message, me));
  const list = messages[0] ? state.list.replaced(messages[0].seq, Infinity, messages) : state.list;
  return { ...state, list, hasNewer: page.more && messages.length > 0 };
}
