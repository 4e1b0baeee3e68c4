import { memo, useRef, useState, type KeyboardEvent } from "react";
import { Pin } from "lucide-react";
import { Avatar, classes } from "../../../design/index.ts";
import { MessageText } from "../markdown/message-text.tsx";
import { useConversation } from "../screen/conversation-context.ts";
import type { Row } from "../timeline/rows.ts";
import { briefTime, clockTime, exactTime } from "../timeline/times.ts";
import { Author } from "./author.tsx";
import { DeliveryNote } from "./delivery-note.tsx";
import { MessageSheet } from "./message-sheet.tsx";
import { MessageToolbar } from "./message-toolbar.tsx";
import styles from "./message-row.module.css";
import { Reactions } from "./reactions.tsx";
import { ReplyPreview } from "./reply-preview.tsx";
import { ThreadLink } from "./thread-link.tsx";
import { useLongPress } from "./use-long-press.ts";

interface MessageRowProps {
  row: Row;
  /** The one that Tab reaches; the arrow keys lead to the others. */
  isCurrent: boolean;
  /** Was jumped to just now. */
  isMarked: boolean;
}

function Time({ at, isBrief = false }: { at: number; isBrief?: boolean }) {
  return (
    <time
      className={isBrief ? styles["quiet"] : styles["time"]}
      dateTime={new Date(at).toISOString()}
      title={exactTime(at)}
    >
      {isBrief ? briefTime(at) : clockTime(at)}
    </time>
  );
}

function Body({ row }: { row: Row }) {
  const { message } = row;
  if (message.deleted) {
    return (
      <p data-body className={styles["gone"]}>
        Message deleted
      </p>
    );
  }
  if (message.editedAt === undefined) return <MessageText body={message.body} />;
  return (
    <div className={styles["changed"]}>
      <MessageText body={message.body} />
      <span className={styles["edited"]} title={`Edited ${exactTime(message.editedAt)}`}>
        {" (edited)"}
      </span>
    </div>
  );
}

/** What stands under the text. */
function Below({ row }: { row: Row }) {
  const { message } = row;
  if (message.deleted) return null;
  return (
    <>
      {message.reactions.length > 0 && <Reactions message={message} />}
      <ThreadLink message={message.message} />
      {message.status !== "sent" && <DeliveryNote message={message} />}
    </>
  );
}

/** Whether the pointer or the focus is at a row: only then it has a toolbar, so that a long list stays light. */
function useNearness() {
  const [isNear, setNear] = useState(false);
  const [isHeld, setHeld] = useState(false);
  const handlers = {
    // Not `onPointerEnter`: React misses who comes from an element that went away, such as a notice put away.
    onPointerOver: (event: { pointerType: string }) => event.pointerType === "mouse" && setNear(true),
    onPointerLeave: () => setNear(false),
    // A tap gives the focus too, but asks for nothing: there a long press does.
    onFocus: (event: { target: Element }) => event.target.matches(":focus-visible") && setNear(true),
    onBlur: (event: { currentTarget: Node; relatedTarget: EventTarget | null }) => {
      if (!event.currentTarget.contains(event.relatedTarget as Node | null)) setNear(false);
    },
  };
  return { isNear: isNear || isHeld, setHeld, handlers };
}

/** One message. Rendered again only when something of it changes. */
export const MessageRow = memo(function MessageRow({ row, isCurrent, isMarked }: MessageRowProps) {
  const { message, isFirst } = row;
  const { isNear, setHeld, handlers } = useNearness();
  const [hasSheet, setSheet] = useState(false);
  const article = useRef<HTMLElement>(null);
  const { pinned, me } = useConversation();
  const canAct = message.status === "sent" && !message.deleted;
  const press = useLongPress(() => canAct && setSheet(true));

  const enter = (event: KeyboardEvent<HTMLElement>) => {
    if (event.target !== event.currentTarget || event.key !== "Enter") return;
    event.preventDefault();
    article.current?.querySelector<HTMLElement>("[role=toolbar] button")?.focus();
  };

  return (
    <article
      ref={article}
      role="article"
      tabIndex={isCurrent ? 0 : -1}
      aria-label={`${message.author.name}, ${clockTime(message.at)}`}
      data-message={message.message}
      data-seq={message.status === "sent" ? message.seq : undefined}
      data-status={message.status}
      data-row={row.id}
      className={classes(
        styles["row"],
        isFirst && styles["first"],
        isMarked && styles["marked"],
        message.mentions.includes(me.id) && !message.deleted && styles["mentioned"],
        message.status === "pending" && styles["pending"],
      )}
      onKeyDown={enter}
      {...handlers}
      {...press}
    >
      {message.replyTo && !message.deleted && <ReplyPreview message={message.replyTo} />}
      <div className={styles["line"]}>
        <div className={styles["gutter"]}>
          {isFirst ? <Avatar name={message.author.name} id={message.author.id} /> : <Time at={message.at} isBrief />}
        </div>
        <div className={styles["content"]}>
          {isFirst && (
            <header className={styles["head"]}>
              <Author person={message.author} />
              <Time at={message.at} />
              {pinned.has(message.message) && <Pin className={styles["pin"]} role="img" aria-label="Pinned" />}
            </header>
          )}
          <Body row={row} />
          <Below row={row} />
        </div>
      </div>
      {isNear && canAct && <MessageToolbar message={message} onOpenChange={setHeld} />}
      {hasSheet && <MessageSheet message={message} onClose={() => setSheet(false)} />}
    </article>
  );
});
