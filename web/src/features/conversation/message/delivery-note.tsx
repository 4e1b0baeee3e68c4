import { CircleAlert, Clock } from "lucide-react";
import type { TimelineMessage } from "@hubbub/client/store";
import { Button } from "../../../design/index.ts";
import { useConversation } from "../screen/conversation-context.ts";
import styles from "./delivery-note.module.css";

/** Tells that a message is on its way, or why it was refused and what can be done. */
export function DeliveryNote({ message }: { message: TimelineMessage }) {
  const { room, thread } = useConversation();
  if (message.status === "pending") {
    return (
      <span className={styles["pending"]}>
        <Clock aria-hidden />
        Sending…
      </span>
    );
  }
  const timeline = room.timeline(thread);
  const key = message.key ?? "";
  return (
    <div className={styles["failed"]}>
      <CircleAlert aria-hidden />
      <span role="alert">Not sent: {message.failure?.message ?? "it was refused"}</span>
      <Button size="small" onClick={() => timeline.retry(key)}>
        Retry
      </Button>
      <Button size="small" variant="quiet" onClick={() => timeline.discard(key)}>
        Discard
      </Button>
    </div>
  );
}
