/** What the list of rooms is made of, and what events do to it. Everything here is pure. */

import type { Counter, Message, Room, WelcomeRoom } from "../gen/protocol.ts";
import type { StoredEvent } from "./events.ts";
import type { RoomSummary } from "./types.ts";

/** A message that came after the server counted. */
interface Ahead {
  readonly seq: number;
  readonly message: string;
  readonly isMention: boolean;
}

/** A room with what is needed to count on. */
export interface RoomState extends RoomSummary {
  /** The last event of the room's stream that is in here. */
  readonly applied: number;
  /** What the server last counted. It is right up to its head; what came later is `ahead`. */
  readonly counted: Counter;
  readonly ahead: readonly Ahead[];
  readonly previewOf?: string;
  readonly previewAt?: number;
}

/** The rooms, latest activity first, and how far the user's own feed was followed. */
export interface RoomsState {
  readonly rooms: readonly RoomState[];
  readonly feed: number;
}

export const noRooms: RoomsState = { rooms: [], feed: 0 };

const PREVIEW = 140;
/** The server counts no further either. */
const COUNTED_MAX = 1_000;
const nothing: Counter = { read: 0, unread: 0, mentions: 0, head: 0 };

/** When an event happened, by its time-ordered id. */
export function timeOf(cursor: string): number | undefined {
  const at = Number.parseInt(cursor.replace("-", "").slice(0, 12), 16);
  return at > 0 ? at : undefined;
}

const byActivity = (one: RoomState, other: RoomState) =>
  (other.lastAt ?? 0) - (one.lastAt ?? 0) || (one.name < other.name ? -1 : 1);

function sum(room: RoomState): RoomState {
  const ahead = room.ahead.filter((each) => each.seq > room.read);
  const unread = Math.min(room.counted.unread + ahead.length, COUNTED_MAX);
  const mentions = room.counted.mentions + ahead.filter((each) => each.isMention).length;
  return { ...room, unread, mentions };
}

/** The server's count, as of its head, with what came after it. */
export function counted(room: RoomState, counter: Counter): RoomState {
  const isOld = counter.head < room.counted.head || counter.read < room.counted.read;
  if (isOld) return room;
  const { read, unread, mentions, head } = counter;
  const ahead = room.ahead.filter((each) => each.seq > head);
  const next = { ...room, ahead, counted: { read, unread, mentions, head } };
  return sum({ ...next, read: Math.max(read, room.read), head: Math.max(head, room.head) });
}

/** As it will be when the server has heard how far one has read. */
export function readTo(room: RoomState, seq: number): RoomState {
  if (seq <= room.read) return room;
  const isAll = seq >= room.counted.head;
  const rest = isAll ? { ...room.counted, unread: 0, mentions: 0 } : room.counted;
  return sum({ ...room, read: seq, counted: rest });
}

function restored(room: RoomState | undefined, told: WelcomeRoom): RoomState {
  const { id, kind, name, peer, head, cursor } = told;
  const isNews = !room || head > room.head;
  const at = isNews ? timeOf(cursor) : room.lastAt;
  const base: RoomState = room ?? {
    id,
    kind,
    name,
    topic: "",
    slowModeMs: 0,
    applied: head,
    ...nothing,
    counted: nothing,
    ahead: [],
  };
  const next = { ...base, kind, name, ...(peer && { peer }), ...(at && { lastAt: at }) };
  // The welcome is the truth, whatever was counted here: it may also be less, after a restore.
  return counted({ ...next, read: told.read, counted: nothing }, told);
}

/** The rooms of a welcome: those that it does not name are gone. */
export function welcomed(state: RoomsState, told: readonly WelcomeRoom[]): RoomsState {
  const known = new Map(state.rooms.map((room) => [room.id, room]));
  return { ...state, rooms: told.map((each) => restored(known.get(each.id), each)).sort(byActivity) };
}

/** With one room changed, or added. */
export function withRoom(state: RoomsState, room: RoomState): RoomsState {
  const before = state.rooms.find((each) => each.id === room.id);
  if (before === room) return state;
  const rooms = before ? state.rooms.map((each) => (each === before ? room : each)) : [...state.rooms, room];
  return { ...state, rooms: before && before.lastAt === room.lastAt ? rooms : rooms.sort(byActivity) };
}

export function withoutRoom(state: RoomsState, id: string): RoomsState {
  const rooms = state.rooms.filter((room) => room.id !== id);
  return rooms.length === state.rooms.length ? state : { ...state, rooms };
}

/** What a question about a room told. */
export function described(state: RoomsState, told: Room, at: { head?: number; counter?: Counter } = {}): RoomsState {
  const { id, kind, name, topic, members, slowModeMs, peer } = told;
  const { head = 0, counter = { ...nothing, read: head, head } } = at;
  const { read, unread, mentions } = counter;
  const known = state.rooms.find((room) => room.id === id);
  const fresh = { counted: counter, ahead: [], read, unread, mentions, head, applied: head, lastAt: told.createdAt };
  const room = { ...(known ?? fresh), id, kind, name, topic, members, slowModeMs, ...(peer && { peer }) };
  return withRoom(state, known && at.counter ? counted(room, counter) : room);
}

/** With the text of the latest message that stands outside threads. */
export function previewed(room: RoomState, message: Message): RoomState {
  const { at, body } = message;
  if (message.thread || at < (room.previewAt ?? 0) || message.message === room.previewOf) return room;
  const preview = { preview: body.slice(0, PREVIEW), previewOf: message.message, previewAt: at };
  return { ...room, ...preview, lastAt: Math.max(at, room.lastAt ?? 0) };
}

function posted(room: RoomState, message: Message, me: string): RoomState {
  const head = Math.max(room.head, message.seq);
  const next = previewed({ ...room, head }, message);
  const isCounted = message.seq <= room.counted.head || message.seq <= room.read;
  if (message.thread || message.author.id === me || isCounted) return next;
  const isMention = message.mentions.includes(me);
  const ahead = [...room.ahead, { seq: message.seq, message: message.message, isMention }].slice(-COUNTED_MAX);
  return sum({ ...next, ahead });
}

function retold(room: RoomState, message: string, body: string): RoomState {
  return message === room.previewOf ? { ...room, preview: body.slice(0, PREVIEW) } : room;
}

function inRoom(room: RoomState, event: StoredEvent, me: string): RoomState {
  const counting = (by: number) =>
    room.members === undefined ? room : { ...room, members: Math.max(0, room.members + by) };
  switch (event.type) {
    case "message.new":
      return posted(room, event.data, me);
    case "message.edited":
      return retold(room, event.data.message, event.data.body);
    case "message.deleted": {
      const ahead = room.ahead.filter((each) => each.message !== event.data.message);
      return sum({ ...retold(room, event.data.message, ""), ahead });
    }
    case "room.updated": {
      const { name = room.name, topic = room.topic, slowModeMs = room.slowModeMs } = event.data;
      return { ...room, name, topic, slowModeMs };
    }
    case "room.memberJoined": {
      const { user, role } = event.data;
      return user.id === me ? { ...counting(1), role } : counting(1);
    }
    case "room.memberLeft":
      return counting(-1);
    case "room.roleChanged":
      return event.data.user.id === me ? { ...room, role: event.data.role } : room;
    default:
      return room;
  }
}

/** Whether an event says that one is no longer in its room. */
function isFarewell(event: StoredEvent, me: string): boolean {
  return event.type === "room.deleted" || (event.type === "room.memberLeft" && event.data.user.id === me);
}

function muted(room: RoomState, until: number | undefined): RoomState {
  const { mutedUntil: _, ...rest } = room;
  return { ...rest, muted: true, ...(until !== undefined && { mutedUntil: until }) };
}

function unmuted(room: RoomState): RoomState {
  const { mutedUntil: _, ...rest } = room;
  return { ...rest, muted: false };
}

function inFeed(state: RoomsState, event: StoredEvent): RoomsState {
  const one = (id: string | undefined, change: (room: RoomState) => RoomState): RoomsState => {
    const isMeant = (room: RoomState) => id === undefined || room.id === id;
    return { ...state, rooms: state.rooms.map((room) => (isMeant(room) ? change(room) : room)) };
  };
  switch (event.type) {
    case "room.counter":
      return event.data.thread ? state : one(event.data.room, (room) => counted(room, event.data));
    case "mod.muted":
      return one(event.data.room, (room) => muted(room, event.data.until));
    case "mod.unmuted":
      return one(event.data.room, unmuted);
    case "mod.kicked":
    case "mod.banned":
      return event.data.room ? withoutRoom(state, event.data.room) : state;
    default:
      return state;
  }
}

/** The rooms after a durable event. Each stream's events are taken once: copies that come late change nothing. */
export function roomsAfter(state: RoomsState, event: StoredEvent, me: string): RoomsState {
  const { seq } = event;
  if (seq === undefined) return state;
  if (!event.room) {
    if (seq <= state.feed) return state;
    return { ...inFeed(state, event), feed: seq };
  }
  const room = state.rooms.find((each) => each.id === event.room);
  if (!room || seq <= room.applied) return state;
  if (isFarewell(event, me)) return withoutRoom(state, room.id);
  return withRoom(state, { ...inRoom(room, event, me), applied: seq });
}
