import { CornerUpRight } from "lucide-react";
import { Avatar } from "../../../design/index.ts";
import { plainText } from "../markdown/plain-text.ts";
import { useConversation } from "../screen/conversation-context.ts";
import styles from "./reply-preview.module.css";
import { useMessage } from "./use-message.ts";

/** The message that is answered, in one line; leads to it. */
export function ReplyPreview({ message: id }: { message: string }) {
  const { room, thread, jumpTo } = useConversation();
  const quoted = useMessage(room.id, thread, id);
  const isGone = quoted === null || quoted?.deleted;
  return (
    <button type="button" className={styles["preview"]} disabled={isGone} onClick={() => jumpTo(id)}>
      <CornerUpRight className={styles["arrow"]} aria-hidden />
      <span className="unseen">In reply to</span>
      {quoted && !isGone && (
        <>
          <Avatar name={quoted.author.name} id={quoted.author.id} size="tiny" />
          <span className={styles["author"]}>{quoted.author.name}</span>
        </>
      )}
      <span className={styles["words"]}>{isGone ? "Message deleted" : quoted ? plainText(quoted.body) : "…"}</span>
    </button>
  );
}
