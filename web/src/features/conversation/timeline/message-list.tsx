import { memo, useEffect, useLayoutEffect, useMemo, useRef, useState, type ReactNode, type RefObject } from "react";
import { Virtualizer, type VirtualizerHandle } from "virtua";
import type { Timeline, TimelineStore } from "@hubbub/client/store";
import { Spinner } from "../../../design/index.ts";
import { MessageRow } from "../message/message-row.tsx";
import { useConversation } from "../screen/conversation-context.ts";
import { Announcer } from "./announcer.tsx";
import { JumpPill } from "./jump-pill.tsx";
import { ListPlaceholder } from "./list-placeholder.tsx";
import styles from "./message-list.module.css";
import { Rows, type Row } from "./rows.ts";
import { Separators } from "./separators.tsx";
import type { Jump } from "./use-jumps.ts";
import { useChanges, useListEdges, type Edges } from "./use-list-edges.ts";
import { useReadMarks } from "./use-read-marks.ts";
import { focusRow, useRovingRows } from "./use-roving-rows.ts";
import { useSettled } from "./use-settled.ts";
import { useToday } from "./use-today.ts";

interface MessageListProps {
  timeline: Timeline;
  store: TimelineStore;
  jump: Jump | undefined;
  /** The list was opened for a jump: it does not go elsewhere first. */
  isJumping: boolean;
  /** What stands before the first message of all. */
  start: ReactNode;
  /** What stands in the place of messages while there are none. */
  empty: ReactNode;
}

/** A row jumped to is marked this long. */
const MARK_MS = 2_400;
/** The unread divider stands so far below the upper edge. */
const DIVIDER_PX = 72;

interface ListRowProps {
  row: Row;
  today: number;
  isCurrent: boolean;
  isMarked: boolean;
  start: ReactNode;
}

const ListRow = memo(function ListRow({ row, today, isCurrent, isMarked, start }: ListRowProps) {
  return (
    <>
      {start}
      <Separators row={row} now={today} />
      <MessageRow row={row} isCurrent={isCurrent} isMarked={isMarked} />
    </>
  );
});

/** Where the list stands when it is shown first: at the unread divider if there is one, else at the end. */
function useFirstPlace(
  list: RefObject<VirtualizerHandle | null>,
  rows: readonly Row[],
  edges: Edges,
  isElsewhere: boolean,
) {
  const isDone = useRef(false);
  useLayoutEffect(() => {
    if (isDone.current || rows.length === 0) return;
    isDone.current = true;
    const divider = isElsewhere ? -1 : rows.findIndex((row) => row.isFirstUnread);
    if (divider < 0) return;
    edges.unstick();
    list.current?.scrollToIndex(divider, { align: "start", offset: -DIVIDER_PX });
  });
}

/** Scrolls to the row of a jump, gives it the focus and marks it for a moment. */
function useShownJump(
  list: RefObject<VirtualizerHandle | null>,
  rows: readonly Row[],
  jump: Jump | undefined,
  edges: Edges,
) {
  const [marked, setMarked] = useState<string>();
  const shown = useRef<Jump>(undefined);
  useLayoutEffect(() => {
    if (!jump || shown.current === jump) return;
    const index = rows.findIndex((row) => row.id === jump.id);
    if (index < 0) return;
    shown.current = jump;
    edges.unstick();
    list.current?.scrollToIndex(index, { align: "center" });
    focusRow(jump.id);
    setMarked(jump.id);
  });
  useEffect(() => {
    if (marked === undefined) return;
    const timer = setTimeout(() => setMarked(undefined), MARK_MS);
    return () => clearTimeout(timer);
  }, [marked]);
  return marked;
}

/** Whatever one sends is seen at once, wherever one was reading. */
function useOwnSends(rows: readonly Row[], edges: Edges) {
  const last = rows.at(-1)?.message;
  const seen = useRef(last?.id);
  useLayoutEffect(() => {
    if (last && last.id !== seen.current && last.status === "pending") edges.stick();
    seen.current = last?.id;
  });
}

export function MessageList({ timeline, store, jump, isJumping, start, empty }: MessageListProps) {
  const { room, thread, me, unread } = useConversation();
  const list = useRef<VirtualizerHandle>(null);
  const { items, dividerSeq, hasOlder, hasNewer, loading } = timeline;
  const [maker] = useState(() => new Rows());
  const rows = useMemo(() => maker.of(items, { dividerSeq, hasOlder }), [maker, items, dividerSeq, hasOlder]);
  const { isPrepended, generation } = useChanges(rows);
  const edges = useListEdges({ list, rows, timeline, store });
  const roving = useRovingRows(rows, list);
  const today = useToday();
  const marked = useShownJump(list, rows, jump, edges);
  useFirstPlace(list, rows, edges, isJumping);
  useOwnSends(rows, edges);
  const isSettled = useSettled(list, rows.length > 0, generation);
  const settle = useReadMarks(room, thread, rows, () => {
    const at = list.current;
    return at ? at.findItemIndex(at.scrollOffset + at.viewportSize - 1) : -1;
  });

  const toLatest = () => {
    edges.stick();
    void store.toLatest().then(edges.stick);
  };
  const onScroll = () => {
    edges.onScroll();
    settle();
  };

  return (
    <div className={styles["frame"]}>
      <div
        role="log"
        aria-label="Messages"
        aria-live="off"
        aria-busy={loading === "first"}
        className={styles["scroller"]}
        data-settled={isSettled || rows.length === 0}
        onKeyDown={roving.onKeyDown}
        onFocus={roving.onFocus}
      >
        {thread === undefined && <div className={styles["spacer"]} />}
        {rows.length === 0 ? (
          <ListPlaceholder timeline={timeline} empty={empty} onRetry={() => void store.toLatest()} />
        ) : (
          <Virtualizer
            key={generation}
            ref={list}
            data={rows}
            shift={isPrepended}
            keepMounted={roving.isChosen ? [roving.currentIndex] : []}
            onScroll={onScroll}
            onResize={edges.onResize}
          >
            {(row: Row) => (
              <ListRow
                key={row.id}
                row={row}
                today={today}
                isCurrent={row.id === roving.currentId}
                isMarked={row.id === marked}
                start={row.isStart ? start : null}
              />
            )}
          </Virtualizer>
        )}
      </div>
      {loading === "older" && (
        <span className={styles["older"]}>
          <Spinner size="small" />
        </span>
      )}
      {rows.length > 0 && (!edges.isAtEnd || hasNewer) && <JumpPill news={unread} onJump={toLatest} />}
      <Announcer rows={rows} me={me.id} />
    </div>
  );
}
