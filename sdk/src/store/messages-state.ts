/** What events do to messages: pure, and the same event a second time changes nothing. */

import type { Message, Reaction } from "../gen/protocol.ts";
import type { StoredEvent } from "./events.ts";
import type { MessageList } from "./message-list.ts";
import type { TimelineMessage } from "./types.ts";

/** A stored message as a timeline shows it. One's own keep the key they had when they were not stored yet. */
export function shown(message: Message, me: string): TimelineMessage {
  const id = (message.author.id === me && message.key) || message.message;
  return { ...message, id, status: "sent" };
}

/** What a tombstone keeps. */
export function buried<M extends Message>(message: M): M {
  return message.deleted ? message : { ...message, deleted: true, body: "", mentions: [], reactions: [] };
}

/** With one reaction as it is now; `own` is left as it was when it is undefined. */
export function reacted<M extends Message>(message: M, emoji: string, count: number, own?: boolean): M {
  const before = message.reactions.find((reaction) => reaction.emoji === emoji);
  const now: Reaction = { emoji, count, own: own ?? before?.own ?? false };
  if (message.deleted || (!before && count < 1)) return message;
  if (before?.count === count && before.own === now.own) return message;
  const others = message.reactions.map((reaction) => (reaction === before ? now : reaction));
  const all = before ? others : [...others, now];
  return { ...message, reactions: all.filter((reaction) => reaction.count > 0) };
}

/** With or without one's own reaction, before the server has said so. */
export function toggled<M extends Message>(message: M, emoji: string, on: boolean): M {
  const before = message.reactions.find((reaction) => reaction.emoji === emoji);
  if ((before?.own ?? false) === on) return message;
  return reacted(message, emoji, (before?.count ?? 0) + (on ? 1 : -1), on);
}

/** A message after an event that is about it. */
export function changed<M extends Message>(message: M, event: StoredEvent, me: string): M {
  switch (event.type) {
    case "message.edited": {
      const { body, rev, mentions, at } = event.data;
      if (message.deleted || rev < message.rev || (rev === message.rev && message.body === body && message.editedAt))
        return message;
      return { ...message, body, rev, mentions, editedAt: at };
    }
    case "message.deleted":
      return buried(message);
    case "reaction.changed": {
      const { emoji, count, on, user } = event.data;
      return reacted(message, emoji, count, user.id === me ? on : undefined);
    }
    default:
      return message;
  }
}

/** The id of the message that an event is about, unless it is a new one. */
export function subject(event: StoredEvent): string | undefined {
  switch (event.type) {
    case "message.edited":
    case "message.deleted":
    case "reaction.changed":
    case "message.hidden":
      return event.data.message;
    default:
      return undefined;
  }
}

/** A list after an event. A new message is added only where nothing is missing before it. */
export function listAfter(list: MessageList, event: StoredEvent, me: string, isComplete: boolean): MessageList {
  if (event.type === "message.new") {
    if (!isComplete || list.byId(event.data.message)) return list;
    return list.put(shown(event.data, me));
  }
  const id = subject(event);
  if (!id) return list;
  if (event.type === "message.hidden") return list.without(id);
  const before = list.byId(id);
  if (!before) return list;
  const after = changed(before, event, me);
  return after === before ? list : list.put(after);
}
