/** The list of rooms: what the server told at the start, what events change, and what one does. */

import type { Commands, Counter, Message, Room, Welcome } from "../gen/protocol.ts";
import type { Readable } from "../types.ts";
import { ALL, type Context, type Follower } from "./context.ts";
import type { StoredEvent } from "./events.ts";
import { Cell } from "../readable.ts";
import { select } from "./readable.ts";
import {
  type RoomState,
  type RoomsState,
  counted,
  described,
  noRooms,
  previewed,
  readTo,
  roomsAfter,
  welcomed,
  withRoom,
  withoutRoom,
} from "./rooms-state.ts";
import type { RoomCommands, RoomSummary } from "./types.ts";

/** A reading that waits for the one before it. */
interface Marking {
  next: number;
}

export class Rooms implements Follower {
  readonly #context: Context;
  readonly #cell = new Cell<RoomsState>(noRooms);
  // Events of rooms that are not in the list yet, until it is known what they are.
  readonly #unknown = new Map<string, StoredEvent[]>();
  readonly #markings = new Map<string, Marking>();
  #greeted: Welcome | null = null;
  readonly list: Readable<readonly RoomSummary[]>;

  constructor(context: Context) {
    this.#context = context;
    this.list = select(this.#cell, (state) => state.rooms);
    context.follow(ALL, this);
    context.client.welcome.subscribe(() => this.wake());
    this.wake();
  }

  find(id: string): RoomState | undefined {
    return this.#cell.get().rooms.find((room) => room.id === id);
  }

  one(id: string, first: () => void): Readable<RoomSummary | undefined> {
    return select(this.#cell, ({ rooms }) => rooms.find((room) => room.id === id), { first });
  }

  take(event: StoredEvent): void {
    const { me } = this.#context;
    const isKnown = event.room === undefined || this.find(event.room) !== undefined;
    if (isKnown) this.#set(roomsAfter(this.#cell.get(), event, me));
    else this.#wonder(event.room as string, event);
  }

  /** Takes the welcome of this connection. Without one, the last welcome is older than what is kept. */
  wake(): void {
    const welcome = this.#context.client.welcome.get();
    if (!welcome || welcome === this.#greeted || welcome.user.id !== this.#context.me) return;
    if (!this.#context.isOnline && this.#cell.get() !== noRooms) return;
    this.#greeted = welcome;
    this.#set(welcomed(this.#cell.get(), welcome.rooms));
  }

  forget(): void {
    this.#greeted = null;
    this.#unknown.clear();
    this.#markings.clear();
    this.#cell.set(noRooms);
  }

  /** Shows what is kept of the rooms until the server has told. */
  async recall(): Promise<void> {
    const found = await this.#context.cache.get<RoomsState>("rooms");
    if (found && !this.#context.isOnline) this.#set(found);
  }

  /** The newest known message of a room. */
  latest(room: string, message: Message): void {
    const found = this.find(room);
    if (found) this.#set(withRoom(this.#cell.get(), previewed(found, message)));
  }

  /** Asks for what the welcome leaves out: topic, slow mode, how many members. */
  async describe(id: string): Promise<void> {
    try {
      const { room } = await this.#context.request("room.get", { room: id });
      if (this.find(id)) this.#set(described(this.#cell.get(), room));
    } catch {
      // It is shown without them.
    }
  }

  role(id: string, role: RoomSummary["role"]): void {
    const room = this.find(id);
    if (room && role && room.role !== role) this.#set(withRoom(this.#cell.get(), { ...room, role }));
  }

  /** Marks as read: at once here, and with at most one question on its way, of which the last one counts. */
  markRead(id: string, seq: number): void {
    const room = this.find(id);
    if (!room || (seq <= room.read && room.unread === 0) || seq < room.read) return;
    this.#set(withRoom(this.#cell.get(), readTo(room, seq)));
    const marking = this.#markings.get(id);
    if (marking) marking.next = Math.max(marking.next, seq);
    else void this.#mark(id, seq);
  }

  readonly commands: RoomCommands = {
    join: async (room) => this.#entered(await this.#context.request("room.join", { room })),
    acceptInvite: async (code) => this.#entered(await this.#context.request("invite.accept", { code })),
    create: async (data: Commands["room.create"]) => {
      const { room } = await this.#context.request("room.create", data);
      this.#add(room);
      this.role(room.id, "owner");
      return room;
    },
    openDirect: async (user) => {
      const { room, head, counter } = await this.#context.request("dm.open", { user });
      this.#add(room, { head, ...(counter && { counter }) });
      return room;
    },
    leave: async (room) => {
      await this.#context.request("room.leave", { room });
      this.#set(withoutRoom(this.#cell.get(), room));
    },
  };

  #entered<A extends { room: Room; head: number }>(answer: A): A {
    this.#add(answer.room, { head: answer.head });
    return answer;
  }

  #add(room: Room, at: { head?: number; counter?: Counter } = {}): void {
    this.#set(described(this.#cell.get(), room, at));
    const waited = this.#unknown.get(room.id) ?? [];
    this.#unknown.delete(room.id);
    for (const event of waited) this.take(event);
  }

  #set(state: RoomsState): void {
    if (state === this.#cell.get()) return;
    this.#cell.set(state);
    this.#context.cache.put("rooms", () => this.#cell.get());
  }

  /** A room that one is in without having been told: another device, or another person, has done it. */
  #wonder(id: string, event: StoredEvent): void {
    const waiting = this.#unknown.get(id);
    if (waiting) {
      waiting.push(event);
      return;
    }
    const isMine = event.type === "room.memberJoined" && event.data.user.id === this.#context.me;
    if (!isMine && event.type !== "room.created" && event.type !== "message.new") return;
    this.#unknown.set(id, [event]);
    void this.#discover(id);
  }

  async #discover(id: string): Promise<void> {
    try {
      const { room } = await this.#context.request("room.get", { room: id });
      if (room.joined && this.#unknown.has(id) && !this.find(id)) this.#add(room);
    } catch {
      // It is gone already, or the next welcome names it.
    }
    this.#unknown.delete(id);
  }

  async #mark(id: string, seq: number): Promise<void> {
    const marking: Marking = { next: seq };
    this.#markings.set(id, marking);
    try {
      const answer = await this.#context.request("read.mark", { room: id, seq });
      const room = this.find(id);
      if (room) this.#set(withRoom(this.#cell.get(), counted(room, answer)));
    } catch {
      // The next counter or welcome says how it is.
    }
    if (this.#markings.get(id) !== marking) return;
    this.#markings.delete(id);
    if (marking.next > seq) void this.#mark(id, marking.next);
  }
}
