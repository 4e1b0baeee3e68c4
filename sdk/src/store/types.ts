/** What the stores hold and offer. All snapshots are immutable: a change makes a new one. */

import type {
  Answers,
  Block,
  Commands,
  DirectFrom,
  FriendRequest,
  Joined,
  Member,
  Message,
  Notification,
  OwnStatus,
  Person,
  PresenceOf,
  Receipt,
  Room,
  RoomKind,
  RoomRole,
  Settings,
  Thread,
  User,
  Welcome,
} from "../gen/protocol.ts";
import type { CommandName, ConnectionState, Incoming, Pending, Queued, Readable, RequestOptions } from "../types.ts";

/** A small durable map; the stores use one table of it. */
export interface CacheStorage {
  get(table: "cache", key: string): Promise<unknown>;
  put(table: "cache", key: string, value: unknown): Promise<unknown>;
  delete(table: "cache", key: string): Promise<unknown>;
}

/** What the stores need of a client; `HubbubClient` has it. */
export interface StoreClient {
  readonly connection: Readable<ConnectionState>;
  readonly me: Readable<User | null>;
  readonly welcome: Readable<Welcome | null>;
  readonly outbox: {
    readonly items: Readable<readonly Queued[]>;
    retry(key: string): unknown;
    discard(key: string): unknown;
  };
  readonly storage: CacheStorage;
  request<K extends CommandName>(type: K, data: Commands[K], options?: RequestOptions): Promise<Answers[K]>;
  enqueue<K extends CommandName>(type: K, data: Commands[K], options: { lane: string; key?: string }): Pending<K>;
  onAny(handler: (event: Incoming) => void): () => void;
  onReset(handler: (stream: string) => void): () => void;
}

/** Why something was not done, in words for people. */
export interface Failure {
  /** The command, such as `message.edit`. */
  readonly what: string;
  readonly reason: string;
  readonly message: string;
}

/** Resolves to `null` when it was done and to the failure when it was not: it never rejects. */
export type Outcome = Promise<Failure | null>;

/** A room or direct conversation in the list. */
export interface RoomSummary {
  readonly id: string;
  readonly kind: RoomKind;
  /** The peer's name for a direct conversation. */
  readonly name: string;
  readonly topic: string;
  /** The other person of a direct conversation. */
  readonly peer?: string;
  readonly head: number;
  readonly read: number;
  readonly unread: number;
  readonly mentions: number;
  /** Known once the room was looked at. */
  readonly members?: number;
  /** One's own role; known once the members were loaded. */
  readonly role?: RoomRole;
  readonly slowModeMs: number;
  readonly lastAt?: number;
  readonly preview?: string;
  /** Whether one may not speak for now, and until when (without: for good). */
  readonly muted?: boolean;
  readonly mutedUntil?: number;
}

/** A message as a timeline shows it. */
export type TimelineMessage = Message & {
  /** Stays the same from the first keystroke's send to the stored message: the key to render it by. */
  readonly id: string;
  readonly status: "sent" | "pending" | "failed";
  readonly failure?: { readonly reason: string; readonly message: string };
};

/** What a timeline shows. */
export interface Timeline {
  /** Oldest first; those not sent yet stand last. Made when it is first read of each snapshot. */
  readonly items: readonly TimelineMessage[];
  readonly hasOlder: boolean;
  readonly hasNewer: boolean;
  readonly loading: "older" | "newer" | "first" | null;
  readonly error?: string;
  /** The unread divider stands before the first message with a greater seq. Frozen when the timeline is opened. */
  readonly dividerSeq: number | null;
}

/** Where to go in a timeline. */
export type Target = { message: string } | { seq: number } | { at: number };

export interface TimelineStore extends Readable<Timeline> {
  loadOlder(): Promise<void>;
  loadNewer(): Promise<void>;
  /** Resolves to the index in `items`, or -1 when it is not there (for oneself). */
  jumpTo(target: Target): Promise<number>;
  toLatest(): Promise<void>;
  retry(key: string): void;
  discard(key: string): void;
}

/** A list that is loaded by pages; each call of `loadMore` tells whether there is still more. */
export interface PagedStore<T> extends Readable<readonly T[]> {
  loadMore(): Promise<boolean>;
}

export interface RoomActions {
  send(body: string, options?: { replyTo?: string; thread?: string }): Pending<"message.send">;
  edit(message: string, body: string): Outcome;
  delete(message: string, scope: "everyone" | "me"): Outcome;
  react(message: string, emoji: string, on: boolean): Outcome;
  pin(message: string, on: boolean): Outcome;
  /** Told again at most every 3 seconds while one writes. */
  typing(on: boolean): void;
  markRead(seq: number, thread?: string): void;
}

export interface RoomStore {
  readonly id: string;
  readonly summary: Readable<RoomSummary | undefined>;
  timeline(thread?: string): TimelineStore;
  readonly typing: Readable<readonly Person[]>;
  readonly members: PagedStore<Member>;
  readonly threads: PagedStore<Thread>;
  readonly pins: Readable<readonly Message[]>;
  readonly receipts: Readable<readonly Receipt[]>;
  readonly actions: RoomActions;
}

export interface Friends {
  readonly friends: readonly Person[];
  readonly incoming: readonly FriendRequest[];
  readonly outgoing: readonly FriendRequest[];
  readonly loaded: boolean;
}

export interface Notifications {
  readonly items: readonly Notification[];
  readonly unread: number;
  readonly loaded: boolean;
  readonly more: boolean;
}

/** The status one has set oneself. */
export interface OwnPresence {
  readonly status: OwnStatus;
  readonly text?: string;
  readonly until?: number;
}

export interface People {
  /** `user` is an id or `@name`. */
  request(user: string, note?: string): Outcome;
  accept(user: string): Outcome;
  decline(user: string): Outcome;
  cancel(user: string): Outcome;
  remove(user: string): Outcome;
  block(user: string, mutual?: boolean): Outcome;
  unblock(user: string): Outcome;
  setPresence(presence: OwnPresence): Outcome;
  setDirectFrom(directFrom: DirectFrom): Outcome;
  /** Without ids: all. */
  readNotifications(ids?: readonly string[]): Outcome;
  moreNotifications(): Promise<void>;
}

export interface RoomCommands {
  /** These reject with the client's error when they are refused. */
  join(room: string): Promise<Joined>;
  create(room: Commands["room.create"]): Promise<Room>;
  acceptInvite(code: string): Promise<Joined>;
  /** Opens the direct conversation with a person (id or `@name`). */
  openDirect(user: string): Promise<Room>;
  leave(room: string): Promise<void>;
}

/** Everything a chat client shows. */
export interface Stores {
  /** Joined rooms and direct conversations, latest activity first. */
  readonly rooms: Readable<readonly RoomSummary[]>;
  readonly roomCommands: RoomCommands;
  room(id: string): RoomStore;
  readonly friends: Readable<Friends>;
  readonly blocks: Readable<readonly Block[]>;
  readonly notifications: Readable<Notifications>;
  readonly settings: Readable<Settings | undefined>;
  readonly ownPresence: Readable<OwnPresence | undefined>;
  presence(user: string): Readable<PresenceOf | undefined>;
  /** A person by id; asked for when nobody has named them yet. */
  person(user: string): Readable<Person | undefined>;
  readonly people: People;
  readonly failures: { subscribe(listener: (failure: Failure) => void): () => void };
  /** Stops listening to the client. */
  close(): void;
}
