import fc from "fast-check";
import { describe, expect, test } from "vitest";

import type { Member, Message, Receipt, Thread } from "../gen/protocol.ts";
import type { Incoming } from "../types.ts";
import type { StoreEventName, StoredEvent } from "./events.ts";
import { ada, bob, message, room, welcomeRoom } from "../../test/fake-client.ts";
import { type Once, type Reduce, begin, once } from "./once.ts";
import {
  blocksAfter,
  friendsAfter,
  noFriends,
  noNotifications,
  notificationsAfter,
  ownPresenceAfter,
  settingsAfter,
} from "./people-state.ts";
import { membersAfter, pinsAfter, receiptsAfter, threadsAfter } from "./room-state.ts";
import { noRooms, roomsAfter, welcomed } from "./rooms-state.ts";
import { type TimelineState, timelineAfter, unloaded } from "./timeline-state.ts";

const at = 9;
const people = [ada, bob, { id: "eve-id", name: "eve" }];

/** An event without its place. */
type Happening = { [K in StoreEventName]: { type: K; data: Incoming<K>["data"] } }[StoreEventName];

const person = fc.constantFrom(...people).map(({ id, name }) => ({ id, name }));
const target = fc.integer({ min: 1, max: 6 }).map((number) => `m${number}`);
const role = fc.constantFrom("owner" as const, "moderator" as const, "member" as const);

// The seq is put in when the sequence is made.
const posted = fc.record({ author: person, thread: fc.option(target, { nil: undefined }), isMention: fc.boolean() });

const ofRoom: fc.Arbitrary<Happening> = fc.oneof(
  posted.map(({ author, thread, isMention }): Happening => {
    const data = message(0, { author, mentions: isMention ? [ada.id] : [], ...(thread !== undefined && { thread }) });
    return { type: "message.new", data };
  }),
  fc.tuple(target, fc.integer({ min: 2, max: 4 })).map(([id, rev]): Happening => {
    return { type: "message.edited", data: { at, message: id, body: `rev ${rev}`, rev, mentions: [] } };
  }),
  fc.tuple(target, person).map(([id, by]): Happening => ({ type: "message.deleted", data: { at, message: id, by } })),
  fc.tuple(target, fc.boolean(), person).map(([id, on, by]): Happening => {
    return { type: "message.pinned", data: { at, message: id, on, by } };
  }),
  fc.tuple(target, person, fc.boolean(), fc.nat(3)).map(([id, user, on, count]): Happening => {
    return { type: "reaction.changed", data: { at, message: id, emoji: "👍", user, on, count } };
  }),
  fc.tuple(target, person).map(([id, by]): Happening => {
    return { type: "thread.created", data: { at, thread: id, title: "t", by } };
  }),
  fc.constantFrom<Happening>(
    { type: "room.created", data: { at, name: "general", kind: "channel", by: bob } },
    { type: "room.updated", data: { at, name: "other" } },
    { type: "room.updated", data: { at, topic: "tea", slowModeMs: 5 } },
    { type: "room.deleted", data: { at, by: bob } },
  ),
  fc.tuple(person, role).map(([user, as]): Happening => ({ type: "room.memberJoined", data: { at, user, role: as } })),
  person.map((user): Happening => ({ type: "room.memberLeft", data: { at, user, reason: "left" } })),
  fc.tuple(person, role).map(([user, as]): Happening => ({ type: "room.roleChanged", data: { at, user, role: as } })),
);

const ofFeed: fc.Arbitrary<Happening> = fc.oneof(
  fc.tuple(fc.nat(20), fc.nat(5), fc.option(target, { nil: undefined })).map(([read, unread, thread]): Happening => {
    const counter = {
      at,
      room,
      read,
      unread,
      mentions: 0,
      head: read + unread,
      ...(thread !== undefined && { thread }),
    };
    return { type: "room.counter", data: counter };
  }),
  target.map((id): Happening => ({ type: "message.hidden", data: { at, room, message: id } })),
  person.map((from): Happening => ({ type: "friend.requested", data: { at, from, note: "hi" } })),
  fc
    .tuple(
      person,
      fc.constantFrom(
        "friend.sent" as const,
        "friend.accepted" as const,
        "friend.declined" as const,
        "friend.cancelled" as const,
        "friend.removed" as const,
      ),
    )
    .map(([user, type]): Happening => ({ type, data: { at, user } })),
  fc.tuple(person, fc.boolean()).map(([user, blocked]): Happening => {
    return { type: "block.updated", data: { at, user, blocked, mutual: false } };
  }),
  fc.constantFrom<Happening>(
    { type: "notify.new", data: { at, kind: "mention", title: "t", body: "b", data: {} } },
    { type: "notify.updated", data: { at, ids: ["f2", "f3"], unread: 1 } },
    { type: "presence.updated", data: { at, status: "dnd", text: "busy" } },
    { type: "presence.updated", data: { at, status: "online" } },
    { type: "settings.updated", data: { at, directFrom: "anyone" } },
    { type: "settings.updated", data: { at, directFrom: "friends" } },
    { type: "mod.muted", data: { at, room, until: 99 } },
    { type: "mod.unmuted", data: { at, room } },
    { type: "mod.kicked", data: { at, room } },
    { type: "mod.banned", data: { at, room } },
  ),
);

/** Events with their places: the room's and the feed's streams count by themselves. */
function placed(happenings: readonly { inRoom: boolean; what: Happening }[]): StoredEvent[] {
  const seqs = { room: 0, feed: 0 };
  return happenings.map(({ inRoom, what }) => {
    const seq = (seqs[inRoom ? "room" : "feed"] += 1);
    const place = inRoom ? { room, stream: room, cursor: `c${seq}` } : { stream: ada.id, cursor: `f${seq}` };
    const data = what.type === "message.new" ? { ...what.data, seq, message: `m${seq}`, key: `k${seq}` } : what.data;
    return { ...what, ...place, data, seq } as StoredEvent;
  });
}

const events = fc
  .array(
    fc.oneof(
      ofRoom.map((what) => ({ inRoom: true, what })),
      ofFeed.map((what) => ({ inRoom: false, what })),
    ),
    { maxLength: 40 },
  )
  .map(placed);

/** The same events, some of them again at any later time. */
const withCopies = events.chain((all) =>
  fc.array(fc.nat(40), { maxLength: 20 }).map((places) => {
    const doubled = [...all];
    for (const place of places) {
      const from = place % Math.max(all.length, 1);
      const event = all[from];
      if (event) doubled.splice(doubled.indexOf(event) + 1 + (place % 7), 0, event);
    }
    return { all, doubled };
  }),
);

const me = ada.id;
const live: TimelineState = { ...unloaded, isLoaded: true };
const rooms = welcomed(noRooms, [welcomeRoom()]);

interface Case {
  name: string;
  run(all: readonly StoredEvent[]): unknown;
}

function following<S>(
  name: string,
  initial: S,
  reduce: Reduce<S>,
  show: (value: S) => unknown = (value) => value,
): Case {
  const run = (all: readonly StoredEvent[]) =>
    show(all.reduce<Once<S>>((state, event) => once(state, event, reduce), begin(initial)).value);
  return { name, run };
}

const cases: Case[] = [
  { name: "rooms", run: (all) => all.reduce((state, event) => roomsAfter(state, event, me), rooms) },
  following(
    "timeline",
    live,
    (state, event) => timelineAfter(state, event, me, undefined),
    (state) => state.list.toArray(),
  ),
  following(
    "thread's timeline",
    live,
    (state, event) => timelineAfter(state, event, me, "m1"),
    (state) => state.list.toArray(),
  ),
  following<readonly Member[]>("members", [], membersAfter),
  following<readonly Thread[]>("threads", [], (rows, event) => threadsAfter(rows, event, me)),
  following<readonly Message[]>("pins", [message(1), message(2)], (rows, event) => pinsAfter(rows, event, me)),
  following<readonly Receipt[]>("receipts", [{ user: bob.id, read: 1, delivered: 1 }], receiptsAfter),
  following("friends", noFriends, friendsAfter),
  following("blocks", [], blocksAfter),
  following("notifications", noNotifications, notificationsAfter),
  following("settings", undefined, settingsAfter),
  following("own presence", undefined, ownPresenceAfter),
];

describe.each(cases)("$name", ({ run }) => {
  test("copies of events change nothing, whenever they come", () => {
    fc.assert(
      fc.property(withCopies, ({ all, doubled }) => {
        expect(run(doubled)).toEqual(run(all));
      }),
      { numRuns: 300 },
    );
  });

  test("an event twice in a row gives the very same state", () => {
    fc.assert(
      fc.property(events, (all) => {
        const twice = all.flatMap((event) => [event, event]);
        expect(run(twice)).toEqual(run(all));
      }),
      { numRuns: 100 },
    );
  });
});

test("what a reducer is given is never changed", () => {
  const frozen = <T>(value: T): T => {
    if (typeof value === "object" && value && !Object.isFrozen(value)) {
      Object.freeze(value);
      for (const each of Object.values(value)) frozen(each);
    }
    return value;
  };
  fc.assert(
    fc.property(events, (all) => {
      for (const event of all) frozen(event);
      let state = frozen(rooms);
      for (const event of all) state = frozen(roomsAfter(state, event, me));
      let friends = frozen(noFriends);
      for (const event of all) friends = frozen(friendsAfter(friends, event));
    }),
    { numRuns: 50 },
  );
});

test("the count converges with the server's, in whatever order the two streams come", () => {
  const message5 = { type: "message.new", room, seq: 5, data: message(5) } as StoredEvent;
  const message6 = { type: "message.new", room, seq: 6, data: message(6, { mentions: [me] }) } as StoredEvent;
  const counter = { type: "room.counter", stream: me, seq: 1 } as const;
  const upTo = (head: number, unread: number) =>
    ({ ...counter, data: { at, room, read: 4, unread, mentions: 0, head } }) as StoredEvent;
  const start = welcomed(noRooms, [welcomeRoom({ head: 4, read: 4 })]);
  const run = (...all: StoredEvent[]) => all.reduce((state, event) => roomsAfter(state, event, me), start).rooms[0];
  for (const all of [
    [message5, message6, upTo(5, 1)],
    [upTo(5, 1), message5, message6],
    [message5, upTo(5, 1), message6],
  ]) {
    expect(run(...all)).toMatchObject({ unread: 2, mentions: 1, head: 6, read: 4 });
  }
});
