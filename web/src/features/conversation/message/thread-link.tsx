import { MessageSquareText } from "lucide-react";
import { Badge } from "../../../design/index.ts";
import { useConversation } from "../screen/conversation-context.ts";
import styles from "./thread-link.module.css";

/** Leads from a message to the thread that began with it. */
export function ThreadLink({ message }: { message: string }) {
  const { threadsByRoot, openThread, thread: current } = useConversation();
  const thread = threadsByRoot.get(message);
  if (!thread || thread.messages === 0 || current !== undefined) return null;
  return (
    <button type="button" className={styles["link"]} onClick={() => openThread(thread.id)}>
      <MessageSquareText aria-hidden />
      {thread.messages === 1 ? "1 reply" : `${thread.messages} replies`}
      <Badge count={thread.unread} label="unread in this thread" />
    </button>
  );
}
