import { useCallback } from "react";
import { MessageSquareText } from "lucide-react";
import { useThreads, useTimeline } from "@hubbub/client/react";
import type { Message, RoomSummary } from "@hubbub/client/store";
import { Avatar, EmptyState } from "../../../design/index.ts";
import { MessageText } from "../markdown/message-text.tsx";
import { useMessage } from "../message/use-message.ts";
import { ConversationView } from "../screen/conversation-view.tsx";
import { SidePanel } from "../screen/side-panel.tsx";
import { clockTime, exactTime } from "../timeline/times.ts";
import { useJumps } from "../timeline/use-jumps.ts";
import styles from "./thread-panel.module.css";
import { threadTitle } from "./thread-words.ts";

interface ThreadPanelProps {
  summary: RoomSummary;
  /** The thread's id, or the id of the message that one may begin with. */
  thread: string;
  onClose: () => void;
}

/** The message that a thread began with. */
function Root({ message }: { message: Message }) {
  return (
    <div className={styles["root"]}>
      <Avatar name={message.author.name} id={message.author.id} />
      <div className={styles["words"]}>
        <p className={styles["head"]}>
          <strong>{message.author.name}</strong>
          <time dateTime={new Date(message.at).toISOString()} title={exactTime(message.at)}>
            {clockTime(message.at)}
          </time>
        </p>
        {message.deleted ? <p className={styles["gone"]}>Message deleted</p> : <MessageText body={message.body} />}
      </div>
    </div>
  );
}

/** A thread beside its room. One that nobody wrote in yet begins with the first message. */
export function ThreadPanel({ summary, thread: id, onClose }: ThreadPanelProps) {
  const thread = useThreads(summary.id).find((each) => each.id === id);
  // An id without a thread is that of the message to begin with.
  const rootId = thread ? thread.root : id;
  const root = useMessage(summary.id, undefined, rootId) ?? undefined;
  const [, store] = useTimeline(summary.id, id);
  const [jump, jumpTo] = useJumps(store);
  const onJump = useCallback((message: string) => void jumpTo({ message }), [jumpTo]);
  const onThread = useCallback(() => {}, []);
  const place = summary.kind === "direct" ? summary.name : `#${summary.name}`;
  return (
    <SidePanel title={threadTitle(thread, root)} subtitle={`Thread in ${place}`} onClose={onClose}>
      {root && <Root message={root} />}
      <ConversationView
        summary={summary}
        thread={id}
        jump={jump}
        onJump={onJump}
        onThread={onThread}
        start={null}
        empty={
          <div className={styles["empty"]}>
            <EmptyState icon={<MessageSquareText />} title="No replies yet">
              What you write here stays beside the conversation.
            </EmptyState>
          </div>
        }
        placeholder="Reply in this thread"
      />
    </SidePanel>
  );
}
