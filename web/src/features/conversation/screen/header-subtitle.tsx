import { usePresence, useReadable, useRoom } from "@hubbub/client/react";
import type { RoomSummary } from "@hubbub/client/store";
import { PresenceDot } from "../../../design/index.ts";
import { presenceLine } from "../../people/index.ts";
import { useNow } from "../../people/use-now.ts";
import styles from "./header-subtitle.module.css";

function Peer({ id }: { id: string }) {
  const presence = usePresence(id);
  const now = useNow();
  return (
    <span className={styles["line"]}>
      <PresenceDot status={presence?.status ?? "offline"} silent />
      {presenceLine(presence, now)}
    </span>
  );
}

/** How many there are, and what the room is about; in direct conversations, whether the other one is there. */
export function HeaderSubtitle({ summary }: { summary: RoomSummary }) {
  const total = useReadable(useRoom(summary.id).summary)?.members;
  if (summary.kind === "direct") return summary.peer ? <Peer id={summary.peer} /> : null;
  const count = total === undefined ? "" : total === 1 ? "1 member" : `${total} members`;
  return [count, summary.topic].filter(Boolean).join(" · ");
}
