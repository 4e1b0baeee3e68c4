import { createContext, use } from "react";
import type { RoomStore, RoomSummary, Thread, TimelineMessage, User } from "@hubbub/client/store";

/** What the parts of a conversation share: where they are, what one may do there, and what they ask of each other. */
export interface Conversation {
  readonly room: RoomStore;
  readonly summary: RoomSummary;
  readonly me: User;
  /** The thread whose messages are shown; none for the room outside its threads. */
  readonly thread: string | undefined;
  /** Messages of others that were not read here. */
  readonly unread: number;
  /** Whether one moderates the room: deletes for everyone, and pins. */
  readonly isModerator: boolean;
  readonly threadsByRoot: ReadonlyMap<string, Thread>;
  readonly pinned: ReadonlySet<string>;
  readonly startReply: (message: TimelineMessage) => void;
  readonly startEdit: (message: TimelineMessage) => void;
  readonly jumpTo: (message: string) => void;
  readonly openThread: (thread: string) => void;
  readonly ask: (question: Question) => void;
}

/** What is asked before it is done. */
export interface Question {
  readonly kind: "delete" | "report";
  readonly message: TimelineMessage;
}

export const ConversationContext = createContext<Conversation | null>(null);

export function useConversation(): Conversation {
  const conversation = use(ConversationContext);
  if (!conversation) throw new Error("there is no conversation above");
  return conversation;
}
