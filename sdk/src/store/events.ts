/** The events that the stores know, so that `switch` on a type tells the data's. */

import type { Incoming } from "../types.ts";

/** Passing and durable events that change what a store shows. */
export type StoreEventName =
  | "message.new"
  | "message.edited"
  | "message.deleted"
  | "message.pinned"
  | "message.hidden"
  | "reaction.changed"
  | "thread.created"
  | "room.created"
  | "room.updated"
  | "room.deleted"
  | "room.memberJoined"
  | "room.memberLeft"
  | "room.roleChanged"
  | "room.counter"
  | "friend.requested"
  | "friend.sent"
  | "friend.accepted"
  | "friend.declined"
  | "friend.cancelled"
  | "friend.removed"
  | "block.updated"
  | "notify.new"
  | "notify.updated"
  | "presence.updated"
  | "settings.updated"
  | "mod.muted"
  | "mod.unmuted"
  | "mod.kicked"
  | "mod.banned"
  | "typing"
  | "read.updated"
  | "presence.changed";

export type StoredEvent = { [K in StoreEventName]: Incoming<K> }[StoreEventName];
