import { useState } from "react";
import { MessageSquarePlus, MessageSquareText } from "lucide-react";
import { useReadable, useRoom } from "@hubbub/client/react";
import type { RoomSummary, Thread } from "@hubbub/client/store";
import { Badge, Button, EmptyState, IconButton } from "../../../design/index.ts";
import { useMessage } from "../message/use-message.ts";
import { SidePanel } from "../screen/side-panel.tsx";
import { NewThreadDialog } from "./new-thread-dialog.tsx";
import styles from "./thread-list.module.css";
import { countOfMessages, threadTitle } from "./thread-words.ts";

interface ThreadListProps {
  summary: RoomSummary;
  onOpen: (thread: string) => void;
  onClose: () => void;
}

function ThreadRow({ thread, onOpen }: { thread: Thread; onOpen: (thread: string) => void }) {
  const root = useMessage(thread.room, undefined, thread.title ? undefined : thread.root) ?? undefined;
  return (
    <li>
      <button type="button" className={styles["thread"]} onClick={() => onOpen(thread.id)}>
        <span className={styles["words"]}>
          <span className={styles["title"]} data-unread={thread.unread > 0 || undefined}>
            {threadTitle(thread, root)}
          </span>
          <span className={styles["note"]}>{countOfMessages(thread.messages)}</span>
        </span>
        <Badge count={thread.unread} label="unread" />
      </button>
    </li>
  );
}

/** The threads of a room, the latest activity first. */
export function ThreadList({ summary, onOpen, onClose }: ThreadListProps) {
  const store = useRoom(summary.id).threads;
  const threads = useReadable(store);
  const [hasMore, setMore] = useState(true);
  const [isAsking, setAsking] = useState(false);
  const isPaged = hasMore && threads.length >= PAGE;
  return (
    <SidePanel
      title="Threads"
      onClose={onClose}
      actions={
        <IconButton label="New thread" onClick={() => setAsking(true)}>
          <MessageSquarePlus />
        </IconButton>
      }
    >
      {threads.length === 0 ? (
        <EmptyState
          icon={<MessageSquareText />}
          title="No threads yet"
          action={<Button onClick={() => setAsking(true)}>New thread</Button>}
        >
          A thread keeps one topic together. Begin one here, or from a message.
        </EmptyState>
      ) : (
        <ul className={styles["list"]}>
          {threads.map((thread) => (
            <ThreadRow key={thread.id} thread={thread} onOpen={onOpen} />
          ))}
        </ul>
      )}
      {isPaged && (
        <div className={styles["more"]}>
          <Button size="small" onClick={() => void store.loadMore().then(setMore, () => {})}>
            Show more
          </Button>
        </div>
      )}
      <NewThreadDialog room={summary.id} isOpen={isAsking} onOpenChange={setAsking} onCreated={onOpen} />
    </SidePanel>
  );
}

/** Fewer than these are certainly all. */
const PAGE = 20;
