/** Puts the stores of a client together, and tells them what happens to it. */

import type { StoredEvent } from "./events.ts";
import { Context } from "./context.ts";
import { Names } from "./names.ts";
import { people } from "./people.ts";
import { Presences } from "./presence.ts";
import { type OneRoom, oneRoom, type Shared } from "./room.ts";
import { Rooms } from "./rooms.ts";
import type { StoreClient, Stores } from "./types.ts";
import { keepWarm } from "./warmth.ts";
import { onLeaving } from "./leaving.ts";

/** Sent by the stores; everything else in the outbox is not theirs to end. */
const CHANGES = new Set<string>(["message.edit", "message.delete", "reaction.add", "reaction.remove"]);

export interface StoresOptions {
  /** So many of the latest rooms are loaded ahead, for their last words and for reading without a network; 30. */
  readonly warmRooms?: number;
}

/** Makes the stores of a client; one set of them for each client is enough. */
export function createStores(client: StoreClient, { warmRooms = 30 }: StoresOptions = {}): Stores {
  const context = new Context(client);
  const names = new Names(context);
  const rooms = new Rooms(context);
  const shared: Shared = { rooms, names, parked: new Set() };
  const known = new Map<string, OneRoom>();
  const presences = new Presences(context);
  const { people: actions, ...lists } = people(context, names);

  const followOutbox = (room: OneRoom) => {
    const isMine = (data: unknown) => (data as { room?: string }).room === room.id;
    room.follow(client.outbox.items.get().filter((item) => item.type === "message.send" && isMine(item.data)));
  };
  const room = (id: string): OneRoom => {
    const found = known.get(id);
    if (found) return found;
    const made = oneRoom(context, id, shared);
    known.set(id, made);
    followOutbox(made);
    return made;
  };
  const stop = listen(context, rooms, names, () => {
    for (const each of known.values()) followOutbox(each);
    tellOrphans(context);
  });

  const warmed = new Set<string>();
  keepWarm(context, async () => {
    const next = rooms.list
      .get()
      .slice(0, warmRooms)
      .find(({ id }) => !warmed.has(`${context.me} ${id}`));
    if (!next) return false;
    warmed.add(`${context.me} ${next.id}`);
    await room(next.id).warm();
    return true;
  });

  return {
    rooms: rooms.list,
    roomCommands: rooms.commands,
    room,
    ...lists,
    presence: (user) => presences.of(user),
    person: (user) => names.of(user),
    people: actions,
    failures: context.failures,
    close: stop,
  };
}

/** Changes of an earlier visit that are refused now: nobody waits for them, but the person should know. */
function tellOrphans(context: Context): void {
  const { outbox } = context.client;
  for (const { key, type, state, failure } of outbox.items.get()) {
    if (state !== "failed" || !CHANGES.has(type) || context.awaited.has(key)) continue;
    context.awaited.add(key);
    outbox.discard(key);
    context.fail(type, Object.assign(new Error(failure?.message ?? ""), { reason: failure?.reason ?? "" }));
  }
}

function listen(context: Context, rooms: Rooms, names: Names, outboxChanged: () => void): () => void {
  const { client } = context;
  let me: string | undefined;
  let isOnline = false;
  const owned = () => {
    const user = client.me.get();
    if (user) names.note(user);
    if (context.me === me) return;
    if (me) context.forget();
    me = context.me;
    void context.cache.own(me).then(async () => {
      await rooms.recall();
      // With a connection everything is being asked for already.
      if (!context.isOnline) context.wake();
    });
  };
  const connected = () => {
    if (isOnline === context.isOnline) return;
    isOnline = context.isOnline;
    if (isOnline) context.wake();
    // What is known now is what there will be to read.
    else context.cache.flush();
  };
  const stops = [
    client.me.subscribe(owned),
    client.connection.subscribe(connected),
    client.outbox.items.subscribe(outboxChanged),
    // The types that no store knows pass through all of them.
    client.onAny((event) => context.take(event as StoredEvent)),
    client.onReset((stream) => context.doubt(stream)),
    onLeaving(() => context.cache.flush()),
  ];
  owned();
  connected();
  return () => {
    for (const stop of stops) stop();
    context.cache.flush();
  };
}
