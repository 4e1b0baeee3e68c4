/** Rooms as things one holds. */

import type { Answers, Commands, Events } from "./gen/protocol.ts";
import type { EventName, Incoming, Pending } from "./types.ts";
import type { HubbubClient } from "./client.ts";

/** Short names of the events that one listens to most. */
const SHORT = { message: "message.new" } as const;
type Short = keyof typeof SHORT;
type Long<K> = K extends Short ? (typeof SHORT)[K] : K extends EventName ? K : never;

export interface RoomHandle {
  readonly id: string;
  /** Listens to what happens in this room: `message`, `typing`, or any event's name. */
  on<K extends Short | EventName>(
    type: K,
    handler: (data: Events[Long<K>], event: Incoming<Long<K>>) => void,
    options?: { signal?: AbortSignal },
  ): () => void;
  /** Sends a message through the outbox: it survives a reload, and arrives once. */
  send(body: string, options?: { replyTo?: string; thread?: string }): Pending<"message.send">;
  leave(): Promise<void>;
}

export interface Rooms {
  /** Joins a room by its id or its name, with or without `#`. Who is in it already stays in it. */
  join(room: string): Promise<RoomHandle & { readonly joined: Answers["room.join"] }>;
  create(room: Commands["room.create"]): Promise<RoomHandle & { readonly created: Answers["room.create"] }>;
  /** A room that one is in. */
  of(id: string): RoomHandle;
}

const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

export function roomsOf(client: HubbubClient): Rooms {
  const of = (id: string): RoomHandle => ({
    id,
    on: (type, handler, options) =>
      client.on(
        ((SHORT as Record<string, EventName>)[type] ?? type) as Long<typeof type>,
        (event) => {
          if (event.room === id) handler(event.data, event);
        },
        options,
      ),
    send: (body, options) => client.enqueue("message.send", { room: id, body, ...options }, { lane: id }),
    leave: async () => void (await client.request("room.leave", { room: id })),
  });
  return {
    of,
    async join(room) {
      const joined = await client.request("room.join", {
        room: ID.test(room) || room.startsWith("#") ? room : `#${room}`,
      });
      return { ...of(joined.room.id), joined };
    },
    async create(room) {
      const created = await client.request("room.create", room);
      return { ...of(created.room.id), created };
    },
  };
}
