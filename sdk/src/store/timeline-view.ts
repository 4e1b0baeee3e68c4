/** What a timeline knows of its room, and what it shows. */

import type { Message } from "../gen/protocol.ts";
import type { Drafts } from "./drafts.ts";
import { type Overlays, overlaid } from "./overlays.ts";
import type { TimelineState } from "./timeline-state.ts";
import type { RoomTimeline } from "./timeline.ts";
import type { Timeline, TimelineMessage } from "./types.ts";

/** What a timeline needs to know of its room. */
export interface Home {
  readonly id: string;
  /** Whether the server would tell. */
  isMember(): boolean;
  readonly drafts: Drafts;
  readonly overlays: Overlays;
  /** How far one has read, and how much not. */
  counter(thread?: string): { readonly read: number; readonly unread: number } | undefined;
  /** Where a message of this room or thread stands, if there is such a one. */
  seqOf(message: string, thread: string | undefined): Promise<number | undefined>;
  /** Messages of one's own that have arrived need no draft any more. */
  arrived(messages: readonly Message[]): void;
  /** Told of the newest message that is known for sure. */
  latest(message: TimelineMessage): void;
  /** Nobody watches any more: it may be asked to `evict`. */
  closed(timeline: RoomTimeline): void;
  opened(timeline: RoomTimeline): void;
}

/** Everything that is to be seen. The messages are copied only when somebody looks: a burst of events costs one copy. */
export function timelineView(state: TimelineState, { drafts, overlays }: Home, thread: string | undefined): Timeline {
  const { isLoaded, list, hasOlder, hasNewer, error, dividerSeq } = state;
  // Nothing to show, and no reason: it will come, at the latest with the connection.
  const isBlank = !isLoaded && list.length === 0 && error === undefined;
  const loading = isBlank ? "first" : state.loading;
  const changes = overlays.all.get();
  const waiting = drafts.items.get().filter((draft) => draft.thread === thread);
  let items: readonly TimelineMessage[] | undefined;
  return {
    get items() {
      items ??= overlaid(changes, list.toArray(), (id) => list.indexOf(id)).concat(waiting);
      return items;
    },
    hasOlder,
    hasNewer,
    loading,
    dividerSeq,
    ...(error !== undefined && { error }),
  };
}
