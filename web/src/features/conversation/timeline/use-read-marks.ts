import { useCallback, useEffect, useRef } from "react";
import type { RoomStore } from "@hubbub/client/store";
import type { Row } from "./rows.ts";

/** Glimpses do not count as reading, and a scroll through a hundred messages is one mark. */
const SETTLE_MS = 400;

const isLookedAt = () => document.visibilityState === "visible" && document.hasFocus();

/** Marks as read what stands in view while the page is looked at. */
export function useReadMarks(
  room: RoomStore,
  thread: string | undefined,
  rows: readonly Row[],
  lastVisible: () => number,
) {
  const marked = useRef(0);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const latest = useRef({ rows, lastVisible });
  useEffect(() => {
    latest.current = { rows, lastVisible };
  });

  const mark = useCallback(() => {
    if (!isLookedAt()) return;
    const { rows: shown, lastVisible: find } = latest.current;
    for (let at = Math.min(find(), shown.length - 1); at >= 0; at -= 1) {
      const message = shown[at]?.message;
      if (message?.status !== "sent") continue;
      if (message.seq > marked.current) {
        marked.current = message.seq;
        room.actions.markRead(message.seq, thread);
      }
      return;
    }
  }, [room, thread]);
  const settle = useCallback(() => {
    clearTimeout(timer.current);
    timer.current = setTimeout(mark, SETTLE_MS);
  }, [mark]);

  useEffect(settle, [rows, settle]);
  useEffect(() => {
    window.addEventListener("focus", settle);
    document.addEventListener("visibilitychange", settle);
    return () => {
      clearTimeout(timer.current);
      window.removeEventListener("focus", settle);
      document.removeEventListener("visibilitychange", settle);
    };
  }, [settle]);
  return settle;
}
