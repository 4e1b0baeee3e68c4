/** Friends, blocks, notifications and one's own settings after an event. Everything here is pure. */

import type { Block, FriendRequest, Notification, Person, Settings } from "../gen/protocol.ts";
import type { StoredEvent } from "./events.ts";
import type { Friends, Notifications, OwnPresence } from "./types.ts";

export const noFriends: Friends = { friends: [], incoming: [], outgoing: [], loaded: false };
export const noNotifications: Notifications = { items: [], unread: 0, loaded: false, more: false };

const withoutUser = (requests: readonly FriendRequest[], user: string) =>
  requests.some((request) => request.user.id === user)
    ? requests.filter((request) => request.user.id !== user)
    : requests;

const without = (people: readonly Person[], user: string) =>
  people.some((person) => person.id === user) ? people.filter((person) => person.id !== user) : people;

/** With a person in none of the lists. */
export function estranged(friends: Friends, user: string): Friends {
  return {
    ...friends,
    friends: without(friends.friends, user),
    incoming: withoutUser(friends.incoming, user),
    outgoing: withoutUser(friends.outgoing, user),
  };
}

export function befriended(friends: Friends, person: Person): Friends {
  const rest = estranged(friends, person.id);
  const all = [...rest.friends, person].sort((one, other) => one.name.localeCompare(other.name));
  return { ...rest, friends: all };
}

export function asked(friends: Friends, side: "incoming" | "outgoing", request: FriendRequest): Friends {
  return { ...friends, [side]: [request, ...withoutUser(friends[side], request.user.id)] };
}

export function friendsAfter(friends: Friends, event: StoredEvent): Friends {
  switch (event.type) {
    case "friend.requested": {
      const { from, note = "", at } = event.data;
      return asked(friends, "incoming", { user: from, note, at });
    }
    case "friend.sent": {
      const { user, at } = event.data;
      const note = friends.outgoing.find((request) => request.user.id === user.id)?.note ?? "";
      return asked(friends, "outgoing", { user, note, at });
    }
    case "friend.accepted":
      return befriended(friends, event.data.user);
    case "friend.declined":
    case "friend.cancelled":
    case "friend.removed":
      return estranged(friends, event.data.user.id);
    case "block.updated":
      return event.data.blocked ? estranged(friends, event.data.user.id) : friends;
    default:
      return friends;
  }
}

export function blocked(blocks: readonly Block[], block: Block): readonly Block[] {
  return [block, ...unblocked(blocks, block.user.id)];
}

export function unblocked(blocks: readonly Block[], user: string): readonly Block[] {
  return blocks.filter((block) => block.user.id !== user);
}

export function blocksAfter(blocks: readonly Block[], event: StoredEvent): readonly Block[] {
  if (event.type !== "block.updated") return blocks;
  const { user, mutual, at } = event.data;
  return event.data.blocked ? blocked(blocks, { user, mutual, at }) : unblocked(blocks, user.id);
}

/** With these read; no ids stand for all. */
export function noted(state: Notifications, ids: readonly string[], unread?: number): Notifications {
  const isMeant = (item: Notification) => ids.length === 0 || ids.includes(item.id);
  const items = state.items.map((item) => (item.read || !isMeant(item) ? item : { ...item, read: true }));
  const less = items.filter((item, at) => item !== state.items[at]).length;
  const left = ids.length === 0 ? 0 : Math.max(0, state.unread - less);
  return { ...state, items, unread: unread ?? left };
}

export function notificationsAfter(state: Notifications, event: StoredEvent): Notifications {
  switch (event.type) {
    case "notify.new": {
      const id = event.cursor ?? "";
      if (state.items.some((item) => item.id === id)) return state;
      return { ...state, items: [{ ...event.data, id, read: false }, ...state.items], unread: state.unread + 1 };
    }
    case "notify.updated":
      return noted(state, event.data.ids, event.data.unread);
    default:
      return state;
  }
}

export function settingsAfter(settings: Settings | undefined, event: StoredEvent): Settings | undefined {
  return event.type === "settings.updated" ? { directFrom: event.data.directFrom } : settings;
}

export function ownPresenceAfter(presence: OwnPresence | undefined, event: StoredEvent): OwnPresence | undefined {
  if (event.type !== "presence.updated") return presence;
  const { status, text, until } = event.data;
  return { status, ...(text !== undefined && { text }), ...(until !== undefined && { until }) };
}
