import { Hash, Lock } from "lucide-react";
import type { RoomSummary } from "@hubbub/client/store";
import { roomTitle } from "../../../app/shell/place-name.ts";
import { Avatar } from "../../../design/index.ts";
import styles from "./room-start.module.css";

const WORDS = {
  channel: (title: string) => `This is the beginning of ${title}. Everyone here can read all of it.`,
  private: () => "This is the beginning of the room. Only its members can find and read it.",
  direct: (title: string) => `This is the beginning of your conversation with ${title}. Only the two of you read it.`,
} as const;

/** Stands before the first message. */
export function RoomStart({ summary }: { summary: RoomSummary }) {
  const title = roomTitle(summary);
  return (
    <div className={styles["start"]}>
      {summary.kind === "direct" ? (
        <Avatar name={summary.name} id={summary.peer} size="large" />
      ) : (
        <span className={styles["sign"]} aria-hidden>
          {summary.kind === "private" ? <Lock /> : <Hash />}
        </span>
      )}
      <h2 className={styles["title"]}>{title}</h2>
      {summary.topic && <p className={styles["topic"]}>{summary.topic}</p>}
      <p className={styles["words"]}>{WORDS[summary.kind](title)}</p>
    </div>
  );
}
