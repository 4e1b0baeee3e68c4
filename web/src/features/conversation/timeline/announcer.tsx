import { useEffect, useRef, useState } from "react";
import { plainText } from "../markdown/plain-text.ts";
import type { Row } from "./rows.ts";

/**
 * Tells a screen reader of messages that come in. The list itself is silent: it takes rows in and out while one scrolls,
 * and every one of them would be read aloud.
 */
export function Announcer({ rows, me }: { rows: readonly Row[]; me: string }) {
  const [words, setWords] = useState("");
  const told = useRef<number>(undefined);
  const last = rows.findLast((row) => row.message.status === "sent")?.message;
  useEffect(() => {
    if (!last) return;
    const before = told.current;
    told.current = Math.max(before ?? 0, last.seq);
    const isNews = before !== undefined && last.seq > before && last.author.id !== me && !last.deleted;
    if (isNews) setWords(`${last.author.name}: ${plainText(last.body)}`);
  }, [last, me]);
  return (
    <div className="unseen" aria-live="polite" aria-atomic>
      {words}
    </div>
  );
}
