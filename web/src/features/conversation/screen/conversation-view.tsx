import { useCallback, useEffect, useMemo, useState, type ReactNode } from "react";
import {
  useMe,
  usePins,
  useReceipts,
  useRoom,
  useThreads,
  useTimeline,
  useTyping,
  useMembers,
} from "@hubbub/client/react";
import type { RoomSummary } from "@hubbub/client/store";
import { Composer } from "../composer/composer.tsx";
import type { Mode } from "../composer/mode-bar.tsx";
import { ReferencesContext } from "../markdown/references.tsx";
import { Questions } from "../message/questions.tsx";
import { MessageList } from "../timeline/message-list.tsx";
import { seenLine, typingLine } from "../timeline/typing-line.ts";
import type { Jump } from "../timeline/use-jumps.ts";
import { ConversationContext, type Conversation, type Question } from "./conversation-context.ts";
import styles from "./conversation-view.module.css";
import { useReferences } from "./use-references.ts";

interface ConversationViewProps {
  summary: RoomSummary;
  thread?: string | undefined;
  jump: Jump | undefined;
  /** A jump is on its way: the list must not go elsewhere first. */
  isJumping?: boolean | undefined;
  onJump: (message: string) => void;
  onThread: (thread: string) => void;
  start: ReactNode;
  empty: ReactNode;
  placeholder: string;
}

/** Who types; else, under one's own last message, who has seen it. One line that is always there: nothing moves. */
function StatusLine({ summary, thread }: { summary: RoomSummary; thread: string | undefined }) {
  const me = useMe();
  const typing = useTyping(summary.id).filter((person) => person.id !== me?.id);
  const [timeline] = useTimeline(summary.id, thread);
  const receipts = useReceipts(summary.id);
  const members = useMembers(summary.id);
  const last = timeline.items.findLast((item) => item.status === "sent");
  const isOwnLast = last?.author.id === me?.id;

  const readers = receipts.filter((receipt) => receipt.user !== me?.id && last && receipt.read >= last.seq);
  const names = readers.flatMap(({ user }) => members.find((member) => member.id === user)?.name ?? []);
  const seen =
    !last || !isOwnLast || thread !== undefined
      ? ""
      : summary.kind === "direct" && names.length > 0
        ? "Seen"
        : seenLine(names);
  const writes = thread === undefined ? typingLine(typing.map((person) => person.name)) : "";
  return (
    <div className={styles["status"]}>
      <span aria-live="polite">{writes}</span>
      {!writes && <span className={styles["seen"]}>{seen}</span>}
    </div>
  );
}

/** What the parts below share. */
function useShared(props: ConversationViewProps, setMode: (mode: Mode) => void, ask: (question: Question) => void) {
  const { summary, thread, onJump, onThread } = props;
  const me = useMe();
  const room = useRoom(summary.id);
  const threads = useThreads(summary.id);
  const pins = usePins(summary.id);
  const threadsByRoot = useMemo(
    () => new Map(threads.flatMap((each) => (each.root === undefined ? [] : [[each.root, each] as const]))),
    [threads],
  );
  const unread = thread === undefined ? summary.unread : (threads.find(({ id }) => id === thread)?.unread ?? 0);
  const pinned = useMemo(() => new Set(pins.map((pin) => pin.message)), [pins]);
  return useMemo<Conversation | undefined>(
    () =>
      me
        ? {
            room,
            summary,
            me,
            thread,
            unread,
            isModerator: summary.role === "owner" || summary.role === "moderator",
            threadsByRoot,
            pinned,
            startReply: (message) => setMode({ kind: "reply", message }),
            startEdit: (message) => setMode({ kind: "edit", message }),
            jumpTo: onJump,
            openThread: onThread,
            ask,
          }
        : undefined,
    [room, summary, me, thread, unread, threadsByRoot, pinned, setMode, onJump, onThread, ask],
  );
}

/** Messages and the field to write one: of a room, or of one of its threads. */
export function ConversationView(props: ConversationViewProps) {
  const { summary, thread, jump, isJumping = false, start, empty, placeholder } = props;
  const [mode, setMode] = useState<Mode>();
  const [question, setQuestion] = useState<Question>();
  const [timeline, store] = useTimeline(summary.id, thread);
  const conversation = useShared(props, setMode, setQuestion);
  const references = useReferences(summary.id);
  const cancel = useCallback(() => setMode(undefined), []);
  useCancelWhenGone(mode, timeline.items, cancel);
  if (!conversation) return null;
  return (
    <ConversationContext value={conversation}>
      <ReferencesContext value={references}>
        <div className={styles["view"]}>
          <MessageList
            timeline={timeline}
            store={store}
            jump={jump}
            isJumping={isJumping}
            start={start}
            empty={empty}
          />
          <StatusLine summary={summary} thread={thread} />
          <Composer timeline={timeline} store={store} mode={mode} onMode={setMode} placeholder={placeholder} />
        </div>
        <Questions question={question} onDone={() => setQuestion(undefined)} />
      </ReferencesContext>
    </ConversationContext>
  );
}

/** What was deleted meanwhile can be neither answered nor changed. */
function useCancelWhenGone(
  mode: Mode | undefined,
  items: readonly { id: string; deleted?: boolean }[],
  cancel: () => void,
) {
  const isGone = mode !== undefined && items.some((item) => item.id === mode.message.id && item.deleted);
  useEffect(() => {
    if (isGone) cancel();
  }, [isGone, cancel]);
}
