/** Friends, blocks, notifications, settings: what is known of them, and what one does. */

import type { Block, DirectFrom, FriendRequest, Person, Settings } from "../gen/protocol.ts";
import { type Context, FEED } from "./context.ts";
import type { Names } from "./names.ts";
import {
  asked,
  befriended,
  blocked,
  blocksAfter,
  estranged,
  friendsAfter,
  noFriends,
  noNotifications,
  noted,
  notificationsAfter,
  ownPresenceAfter,
  settingsAfter,
  unblocked,
} from "./people-state.ts";
import { Resource } from "./resource.ts";
import type { Friends, Notifications, OwnPresence, People } from "./types.ts";

const PAGE = 100;

export function people(context: Context, names: Names): PeopleStores & { people: People } {
  const scope = FEED;
  let older: string | undefined;
  const friends = new Resource<Friends>(context, {
    scope,
    initial: noFriends,
    reduce: friendsAfter,
    cached: "friends",
    load: () => loadFriends(context, names),
  });
  const blocks = new Resource<readonly Block[]>(context, {
    scope,
    initial: [],
    reduce: blocksAfter,
    load: () => loadBlocks(context, names),
  });
  const notifications = new Resource<Notifications>(context, {
    scope,
    initial: noNotifications,
    reduce: notificationsAfter,
    cached: "notifications",
    load: async () => {
      const { notifications: items, next } = await context.request("notify.list", { limit: PAGE });
      older = next;
      const unread = items.filter((item) => !item.read).length;
      return {
        items,
        unread,
        loaded: true,
        more: next !== undefined,
      };
    },
  });
  const settings = new Resource<Settings | undefined>(context, {
    scope,
    initial: undefined,
    reduce: settingsAfter,
    load: async () => (await context.request("settings.get", {})).settings,
  });
  // The server does not tell it at the start: it is what one has set on this device, or any, since then.
  const ownPresence = new Resource<OwnPresence | undefined>(context, {
    scope,
    initial: undefined,
    reduce: ownPresenceAfter,
    cached: "presence",
    mayLoad: () => false,
    load: async () => undefined,
  });
  const moreNotifications = async () => {
    if (older === undefined) return;
    const page = older;
    const { notifications: items, next } = await context.request("notify.list", { limit: PAGE, page });
    older = next;
    notifications.change((state) => {
      const known = new Set(state.items.map((item) => item.id));
      const added = items.filter((item) => !known.has(item.id));
      return { ...state, items: [...state.items, ...added], more: next !== undefined };
    });
  };
  const stores = { friends, blocks, notifications, settings, ownPresence };
  return { ...stores, people: actions(context, names, stores, moreNotifications) };
}

interface PeopleStores {
  readonly friends: Resource<Friends>;
  readonly blocks: Resource<readonly Block[]>;
  readonly notifications: Resource<Notifications>;
  readonly settings: Resource<Settings | undefined>;
  readonly ownPresence: Resource<OwnPresence | undefined>;
}

function actions(context: Context, names: Names, stores: PeopleStores, moreNotifications: () => Promise<void>): People {
  const { friends, blocks, notifications, settings, ownPresence } = stores;
  const person = (user: string): Person => named(friends.get(), names, user);
  const apart = (user: string) => (state: Friends) => estranged(state, user);
  return {
    request: (user, note) => {
      const data = { user, ...(note !== undefined && { note }) };
      const request: FriendRequest = { user: person(user), note: note ?? "", at: Date.now() };
      // With two requests that cross the answer is: friends.
      return friends.attempt(
        "friend.request",
        data,
        (state) => asked(state, "outgoing", request),
        (answer, state) =>
          answer.state === "friends"
            ? befriended(state, answer.user)
            : asked(state, "outgoing", { ...request, user: answer.user }),
      );
    },
    accept: (user) =>
      friends.attempt(
        "friend.accept",
        { user },
        (state) => befriended(state, person(user)),
        (answer, state) => befriended(state, answer.user),
      ),
    decline: (user) => friends.attempt("friend.decline", { user }, apart(user)),
    cancel: (user) => friends.attempt("friend.cancel", { user }, apart(user)),
    remove: (user) => friends.attempt("friend.remove", { user }, apart(user)),
    block: (user, mutual = false) => {
      const at = Date.now();
      return blocks.attempt(
        "block.add",
        { user, mutual },
        (all) => blocked(all, { user: person(user), mutual, at }),
        (answer, all) => blocked(all, { user: answer.user, mutual, at }),
      );
    },
    unblock: (user) => blocks.attempt("block.remove", { user }, (all) => unblocked(all, user)),
    setPresence: (presence) => ownPresence.attempt("presence.set", presence, () => presence),
    setDirectFrom: (directFrom: DirectFrom) =>
      settings.attempt(
        "settings.update",
        { directFrom },
        () => ({ directFrom }),
        (answer) => answer.settings,
      ),
    readNotifications: (ids = []) =>
      notifications.attempt(
        "notify.read",
        { ids: [...ids] },
        (state) => noted(state, ids),
        (answer, state) => noted(state, ids, answer.unread),
      ),
    moreNotifications: () => moreNotifications().catch((error: unknown) => void context.fail("notify.list", error)),
  };
}

/** A person whom one names by an id or by `@name`. */
function named({ friends, incoming, outgoing }: Friends, names: Names, user: string): Person {
  const known = [...friends, ...[...incoming, ...outgoing].map((request) => request.user)];
  const found = known.find((person) => person.id === user) ?? names.of(user).get();
  return found ?? { id: user, name: user.replace(/^@/, "") };
}

async function loadFriends(context: Context, names: Names): Promise<Friends> {
  let state: Friends = { ...noFriends, loaded: true };
  let page: string | undefined;
  do {
    const answer = await context.request("friend.list", { limit: PAGE, ...(page && { page }) });
    const fresh = (known: readonly FriendRequest[], told: readonly FriendRequest[]) =>
      told.filter(({ user }) => !known.some((each) => each.user.id === user.id));
    names.note(...answer.friends, ...[...answer.incoming, ...answer.outgoing].map((request) => request.user));
    state = {
      ...state,
      friends: [...state.friends, ...answer.friends],
      incoming: [...state.incoming, ...fresh(state.incoming, answer.incoming)],
      outgoing: [...state.outgoing, ...fresh(state.outgoing, answer.outgoing)],
    };
    page = answer.next;
  } while (page);
  return state;
}

async function loadBlocks(context: Context, names: Names): Promise<readonly Block[]> {
  const blocks: Block[] = [];
  let page: string | undefined;
  do {
    const answer = await context.request("block.list", { limit: PAGE, ...(page && { page }) });
    blocks.push(...answer.blocks);
    page = answer.next;
  } while (page);
  names.note(...blocks.map((block) => block.user));
  return blocks;
}
