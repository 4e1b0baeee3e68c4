import { useEffect, useLayoutEffect, useRef, useState, type RefObject } from "react";
import type { VirtualizerHandle } from "virtua";
import type { Timeline, TimelineStore } from "@hubbub/client/store";
import { changeOf, endsOf, type Ends, type Row } from "./rows.ts";

/** So near the end counts as at the end. */
const END_PX = 40;
/** Older messages are asked for well before the reader gets there. */
const AHEAD_PX = 1_600;

interface Changes {
  /** Rows were put before the first one: the list keeps what is seen where it is. */
  readonly isPrepended: boolean;
  /** Counts the times that the list was exchanged for another part of the conversation. */
  readonly generation: number;
}

/** Tells what became of the rows since they were shown last. */
export function useChanges(rows: readonly Row[]): Changes {
  const ends = useRef<Ends>(undefined);
  const generation = useRef({ number: 0, of: rows });
  const change = changeOf(ends.current, rows);
  // Rendering may happen twice for the same rows: they are counted once.
  if (change === "replaced" && generation.current.of !== rows) {
    generation.current = { number: generation.current.number + 1, of: rows };
  }
  useLayoutEffect(() => {
    ends.current = endsOf(rows);
  }, [rows]);
  return { isPrepended: change === "prepended", generation: generation.current.number };
}

export interface Edges {
  readonly isAtEnd: boolean;
  readonly onScroll: () => void;
  readonly onResize: () => void;
  /** Goes to the end and stays there while it grows. */
  readonly stick: () => void;
  /** The reader goes elsewhere: what grows must not take them back. */
  readonly unstick: () => void;
}

interface EdgesOf {
  readonly list: RefObject<VirtualizerHandle | null>;
  readonly rows: readonly Row[];
  readonly timeline: Timeline;
  readonly store: TimelineStore;
}

/** Keeps a reader who is at the end there, and loads what is missing before they get to an edge. */
export function useListEdges({ list, rows, timeline, store }: EdgesOf): Edges {
  const [isAtEnd, setAtEnd] = useState(true);
  const isStuck = useRef(true);
  const { hasOlder, hasNewer, loading } = timeline;

  const toEnd = () => {
    const last = rows.length - 1;
    if (last >= 0) list.current?.scrollToIndex(last, { align: "end" });
  };
  const load = () => {
    const at = list.current;
    if (!at || loading || rows.length === 0) return;
    const below = at.scrollSize - at.scrollOffset - at.viewportSize;
    if (hasOlder && at.scrollOffset < AHEAD_PX) void store.loadOlder();
    else if (hasNewer && below < AHEAD_PX) void store.loadNewer();
  };
  const onScroll = () => {
    const at = list.current;
    if (!at) return;
    const isNow = at.scrollSize - at.scrollOffset - at.viewportSize < END_PX;
    isStuck.current = isNow && !hasNewer;
    setAtEnd(isStuck.current);
    load();
  };
  const onResize = () => {
    if (isStuck.current && !hasNewer) toEnd();
  };

  const ends = rows.at(-1)?.id;
  useLayoutEffect(() => {
    if (isStuck.current && !hasNewer) toEnd();
    // The end is another one: nothing else moves the reader.
  }, [ends]);
  // The answer may fill no screen, or the reader may have gone on meanwhile.
  useEffect(load, [rows, loading, hasOlder, hasNewer]);

  const stick = () => {
    isStuck.current = true;
    setAtEnd(true);
    toEnd();
  };
  const unstick = () => {
    isStuck.current = false;
    setAtEnd(false);
  };
  return { isAtEnd, onScroll, onResize, stick, unstick };
}
