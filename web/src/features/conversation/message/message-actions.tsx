import type { ReactNode } from "react";
import { Copy, EyeOff, Flag, Link2, MessageSquareText, Pencil, Pin, PinOff, Reply, Trash2 } from "lucide-react";
import type { TimelineMessage } from "@hubbub/client/store";
import { toast } from "../../../design/index.ts";
import type { Conversation } from "../screen/conversation-context.ts";

/** Something one can do with a message. */
export interface MessageAction {
  readonly id: "reply" | "thread" | "edit" | "pin" | "copy" | "link" | "report" | "hide" | "delete";
  readonly label: string;
  readonly icon: ReactNode;
  readonly tone?: "danger";
  /** Stands in the toolbar; the others stand in its menu. */
  readonly isQuick?: boolean;
  readonly run: () => void;
}

async function copy(text: string, what: string) {
  try {
    await navigator.clipboard.writeText(text);
    toast({ title: `${what} copied`, key: "copied" });
  } catch {
    toast({ title: `${what} could not be copied`, tone: "danger", key: "copied" });
  }
}

/** The address that shows a message in its room. */
export const linkOf = (message: TimelineMessage): string =>
  `${location.origin}${location.pathname}#/rooms/${message.room}/m/${message.message}`;

/** What may be done with a message, by its reader's rights. */
export function actionsFor(message: TimelineMessage, conversation: Conversation): readonly MessageAction[] {
  const { room, summary, me, isModerator, pinned, thread } = conversation;
  const isOwn = message.author.id === me.id;
  const isPinned = pinned.has(message.message);
  const all: (MessageAction | false)[] = [
    { id: "reply", label: "Reply", icon: <Reply />, isQuick: true, run: () => conversation.startReply(message) },
    thread === undefined && {
      id: "thread",
      label: conversation.threadsByRoot.has(message.message) ? "Open thread" : "Start thread",
      icon: <MessageSquareText />,
      isQuick: true,
      run: () => conversation.openThread(message.message),
    },
    isOwn && {
      id: "edit",
      label: "Edit",
      icon: <Pencil />,
      isQuick: true,
      run: () => conversation.startEdit(message),
    },
    (isModerator || summary.kind === "direct") && {
      id: "pin",
      label: isPinned ? "Unpin" : "Pin",
      icon: isPinned ? <PinOff /> : <Pin />,
      run: () => void room.actions.pin(message.message, !isPinned),
    },
    { id: "copy", label: "Copy text", icon: <Copy />, run: () => void copy(message.body, "Text") },
    { id: "link", label: "Copy link", icon: <Link2 />, run: () => void copy(linkOf(message), "Link") },
    !isOwn && {
      id: "report",
      label: "Report",
      icon: <Flag />,
      tone: "danger",
      run: () => conversation.ask({ kind: "report", message }),
    },
    {
      id: "hide",
      label: "Delete for me",
      icon: <EyeOff />,
      tone: "danger",
      run: () => void room.actions.delete(message.message, "me"),
    },
    (isOwn || isModerator) && {
      id: "delete",
      label: "Delete for everyone",
      icon: <Trash2 />,
      tone: "danger",
      run: () => conversation.ask({ kind: "delete", message }),
    },
  ];
  return all.filter((action) => action !== false);
}
