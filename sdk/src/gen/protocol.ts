/** The commands, answers and events of `hubbub.v1.json`: written by `cargo xtask contract`, not by hand. */

/** What a moderator did. */
export interface AuditRow {
  /** Its number in the log. */
  seq: number;
  /** When, milliseconds since the epoch. */
  at: number;
  /** What was done. */
  action: string;
  /** To whom or what. */
  subject: string;
  /** More of it. */
  detail: Record<string, unknown>;
  /** Print of this row and the one before it. */
  hash: string;
  /** Id of who did it; none for the platform itself. */
  actor?: string;
}

/** A ban. */
export interface Ban {
  /** Its id. */
  id: string;
  /** Why, in the moderator's words. */
  reason: string;
  /** What it does. */
  mode: BanMode;
  /** The banned range. */
  cidr?: string;
  /** When it ends, milliseconds since the epoch; none for good. */
  until?: number;
  /** Id of the banned user. */
  user?: string;
}

/** Whether a ban refuses, or only counts what it would have refused. */
export type BanMode = "enforce" | "shadow";

/** A ban in the list of them. */
export interface BanRow {
  /** Its id. */
  id: string;
  /** Why, in the moderator's words. */
  reason: string;
  /** What it does. */
  mode: BanMode;
  /** Id of the user who did it. */
  by: string;
  /** When, milliseconds since the epoch. */
  at: number;
  /** The banned range. */
  cidr?: string;
  /** When it ends, milliseconds since the epoch; none for good. */
  until?: number;
  /** Id of the banned user. */
  user?: string;
}

/** Someone the caller blocked. */
export interface Block {
  /** The person. */
  user: Person;
  /** Whether they do not see the caller either. */
  mutual: boolean;
  /** When, milliseconds since the epoch. */
  at: number;
}

/** The close code: its range says what a client does next. */
export type CloseCode =
  | 4000
  | 4001
  | 4002
  | 4003
  | 4004
  | 4005
  | 4006
  | 4007
  | 4100
  | 4101
  | 4102
  | 4400
  | 4401
  | 4403
  | 4408
  | 4409
  | 4410
  | 4413
  | 4429;

/** The close code in a word. */
export type CloseReason =
  | "unknown"
  | "draining"
  | "slow_consumer"
  | "heartbeat_timeout"
  | "rate_limited"
  | "rebalance"
  | "upstream_unavailable"
  | "parked"
  | "token_expired"
  | "session_unknown"
  | "resume_impossible"
  | "bad_frame"
  | "unauthenticated"
  | "banned"
  | "hello_timeout"
  | "session_replaced"
  | "version_unsupported"
  | "frame_too_large"
  | "connection_limit";

/** What someone has not read, as of `head`. */
export interface Counter {
  /** Seq up to which they have read. */
  read: number;
  /** Messages after it; at most 1,000 are counted. */
  unread: number;
  /** Those that mention them. */
  mentions: number;
  /** The newest seq when this was counted. */
  head: number;
}

/** A place in a stream: its seq and the id of the event there. */
export type Cursor = readonly [number, string];

/** Stream → the place that is known. */
export type Cursors = Readonly<Record<string, Cursor>>;

/** From whom a message is taken. */
export type DeleteScope = "everyone" | "me";

/** How far a connection has got with a message. */
export interface DeliverySocket {
  /** The connection. */
  connection: LiveConnection;
  /** `passed`, `queued`, `behind`, `not_heard`, `frozen`, `not_following`, `gone` or `unanswered`. */
  progress: string;
  /** The last seq the client was told of. */
  told: number;
  /** The last seq its gateway has heard of. */
  heard: number;
  /** Frames in its queue. */
  waiting: number;
}

/** Who may open a direct conversation. */
export type DirectFrom = "friends" | "shared" | "anyone";

/** A message to a person. */
export interface DmSend {
  /** The user's id, or `@name`. */
  to: string;
  /** The text. */
  body: string;
  /** Id of the message this answers. */
  replyTo?: string;
  /** The thread's id, or the id of the message it began with. */
  thread?: string;
}

/** A durable event, as it comes by itself and in `history.sync`. */
export interface DurableFrame {
  /** What happened. */
  type: string;
  /** Place in the stream, from 1. */
  seq: number;
  /** The seq this connection was last told of in that stream. */
  prev: number;
  /** The event's id. */
  cursor: string;
  /** What is known of it. */
  data: Record<string, unknown>;
  /** Whether it was missed and is told again. */
  replayed?: boolean;
  /** The room's id, if it is of a room. */
  room?: string;
  /** The feed's id, if it is of the user's own feed. */
  stream?: string;
}

/** Nothing to say. */
export type Empty = Record<string, never>;

/** How a message's way to a person ended. */
export type Ending = "read" | "delivered" | "written" | "waiting" | "withheld" | "offline" | "unknown";

/** A word filter. */
export interface Filter {
  /** Its id. */
  id: string;
  /** What it looks for. */
  pattern: string;
  /** What it does. */
  action: FilterAction;
  /** Id of the user who did it. */
  by: string;
  /** When, milliseconds since the epoch. */
  at: number;
}

/** What a word filter does. */
export type FilterAction = "refuse" | "alert";

/** A request that waits. */
export interface FriendRequest {
  /** The other one. */
  user: Person;
  /** What was written with it, or nothing. */
  note: string;
  /** When, milliseconds since the epoch. */
  at: number;
}

/** How it stands between two people. */
export type FriendState = "pending" | "friends" | "none";

/** The first frame of a client. A credential of the handshake is enough where it has none. */
export interface Hello {
  /** What the client is; a note for whoever looks into its troubles. */
  device?: {
    /** The application's name. */
    app?: string;
    /** The platform it runs on. */
    platform?: string;
    /** The application's version. */
    version?: string;
  };
  /** What the client knows from before. */
  resume?: {
    /** Stream → its seq and the event's id. */
    cursors?: Cursors;
    /** The session's id; cursors of another session are not taken. */
    session?: string;
  };
  /** A ticket for this one connection. */
  ticket?: string;
  /** An access token. */
  token?: string;
  /** Whether the client's window is in view; it is if left out. */
  visible?: boolean;
}

/** A code that lets people into a room. */
export interface Invite {
  /** The code. */
  code: string;
  /** The room's id. */
  room: string;
  /** The room's name. */
  name: string;
  /** When it ends, milliseconds since the epoch. */
  expiresAt: number;
  /** How many people it lets in. */
  maxUses: number;
  /** How many it has let in. */
  uses: number;
}

/** A room the caller is in now, followed from here on. */
export interface Joined {
  /** The room. */
  room: Room;
  /** The newest seq of the room's stream. */
  head: number;
  /** Id of the event at `head`. */
  cursor: string;
  /** Its newest messages, oldest first. */
  messages: Message[];
  /** Its first members by name. */
  members: Member[];
}

/** Why someone is no longer in a room. */
export type LeaveReason = "left" | "kicked" | "banned";

/** An open connection. */
export interface LiveConnection {
  /** Its id. */
  id: string;
  /** Whose it is. */
  user: Person;
  /** The gateway that holds it. */
  gateway: string;
  /** Where it comes from. */
  address: string;
  /** When it was opened, milliseconds since the epoch. */
  since: number;
  /** When it was last heard of, milliseconds since the epoch. */
  lastSeen: number;
}

/** A member of a room. */
export interface Member {
  /** The user's id. */
  id: string;
  /** Their name. */
  name: string;
  /** What they may do in the room. */
  role: RoomRole;
}

/** A message as clients see it: what the commit knows, the reactions, and what is stored. */
export interface Message {
  /** The message's id. */
  message: string;
  /** The room's id. */
  room: string;
  /** Place in the room's stream, from 1. */
  seq: number;
  /** When it was sent, milliseconds since the epoch. */
  at: number;
  /** Reactions, each emoji once. */
  reactions: Reaction[];
  /** The idempotency key the author chose. */
  key: string;
  /** Who wrote it. */
  author: Person;
  /** The text, at most 4,000 characters; empty when it was taken away. */
  body: string;
  /** Revision; 1 until edited. */
  rev: number;
  /** Ids of the mentioned users. */
  mentions: string[];
  /** Whether it was taken away; then `body` is empty. */
  deleted?: boolean;
  /** When its text was last changed, milliseconds since the epoch. */
  editedAt?: number;
  /** Id of the message this answers. */
  replyTo?: string;
  /** Id of the thread it belongs to. */
  thread?: string;
}

/** A message to a room. */
export interface MessageSend {
  /** The room's id, or `#name`. */
  room: string;
  /** The text. */
  body: string;
  /** Id of the message this answers. */
  replyTo?: string;
  /** The thread's id, or the id of the message it began with. */
  thread?: string;
}

/** What a new room can be. */
export type NewRoomKind = "channel" | "private";

/** Something a person was told. */
export interface Notification {
  /** Its id. */
  id: string;
  /** What it is about. */
  kind: NotificationKind;
  /** One line. */
  title: string;
  /** A few words of what it is about. */
  body: string;
  /** Ids that lead there. */
  data: Record<string, unknown>;
  /** When, milliseconds since the epoch. */
  at: number;
  /** Whether it was read. */
  read: boolean;
}

/** What a notification is about. */
export type NotificationKind =
  | "mention"
  | "reaction"
  | "friend.requested"
  | "friend.accepted"
  | "room.invited"
  | "moderation";

/** A person in a room. */
export interface OfMember {
  /** The room's id, or `#name`. */
  room: string;
  /** The user's id, or `@name`. */
  user: string;
}

/** A message of a room. */
export interface OfMessage {
  /** The room's id, or `#name`. */
  room: string;
  /** The message's id. */
  message: string;
}

/** A room. */
export interface OfRoom {
  /** The room's id, or `#name`. */
  room: string;
}

/** A person. */
export interface OfUser {
  /** The user's id, or `@name`. */
  user: string;
}

/** The status one sets. */
export type OwnStatus = "online" | "away" | "dnd" | "invisible";

/** Which part of a list is asked for. */
export interface Paging {
  /** Most items of the page. */
  limit?: number;
  /** `next` of the page before. */
  page?: string;
}

/** Another person. */
export interface Person {
  /** The user's id. */
  id: string;
  /** Their name; in an event as it was then. */
  name: string;
}

/** Data of `presence.changed`, and how a person is seen in answers. */
export interface PresenceOf {
  /** Who. */
  user: string;
  /** How they are seen. */
  status: Status;
  /** When they were last seen, milliseconds since the epoch. */
  lastSeen?: number;
  /** What they wrote with it. */
  text?: string;
}

/** A reaction of everyone who chose the same emoji. */
export interface Reaction {
  /** Which. */
  emoji: string;
  /** How many people. */
  count: number;
  /** Whether the reader is among them. */
  own: boolean;
}

/** Data of `read.updated`: someone has read a room, or its messages have come to their devices. */
export interface ReadUpdated {
  /** Who. */
  user: string;
  /** Seq up to which messages have come to their devices. */
  delivered?: number;
  /** Seq up to which they have read. */
  seq?: number;
  /** The thread they have read; none for the room outside its threads. */
  thread?: string;
}

/** How far a member has come. */
export interface Receipt {
  /** The user's id. */
  user: string;
  /** Seq up to which messages have come to their devices. */
  delivered: number;
  /** Seq up to which they have read. */
  read: number;
}

/** What a client does after a goodbye: resume, connect with new credentials, wait for activity, or stay away. */
export type Reconnect = "resume" | "fresh" | "activity" | "never";

/** What a client is told when something was refused: certainly not done. */
export interface Refusal {
  /** gRPC code in capitals. */
  code: string;
  /** Stable reason. */
  reason: Reason;
  /** Text for people. */
  message: string;
  /** Whether the same request may work later. */
  retry: boolean;
  /** How long to wait before that. */
  retryAfterMs: number;
  /** Field → what is wrong with it. */
  fields: Readonly<Record<string, string>>;
  /** Trace id, to tell to whoever runs this. */
  trace: string;
}

/** A report in the queue; what it does not have is left out. */
export interface Report {
  /** Its id. */
  id: string;
  /** Id of the person it is about. */
  user: string;
  /** What it is about. */
  category: string;
  /** What the reporter wrote. */
  note: string;
  /** How far it is. */
  state: ReportState;
  /** When it was made, milliseconds since the epoch. */
  createdAt: number;
  /** When it last moved, milliseconds since the epoch. */
  updatedAt: number;
  /** Id of the moderator who took it. */
  handledBy?: string;
  /** Id of the message it is about. */
  message?: string;
  /** What came of it. */
  outcome?: string;
  /** Id of who reported; none when a filter did. */
  reporter?: string;
  /** Id of the room it is in. */
  room?: string;
  /** The message's text when it was reported. */
  snapshot?: string;
}

/** What a report is about. */
export type ReportCategory = "spam" | "abuse" | "illegal" | "other";

/** How far a report is. */
export type ReportState = "open" | "in_review" | "resolved" | "dismissed";

/** Someone who is kept out of a room, or silent in it. */
export interface Restriction {
  /** The person. */
  user: Person;
  /** How. */
  kind: RestrictionKind;
  /** Why, in the moderator's words. */
  reason: string;
  /** Id of the user who did it. */
  by: string;
  /** When, milliseconds since the epoch. */
  at: number;
  /** When it ends, milliseconds since the epoch; none for good. */
  until?: number;
}

/** How someone is kept from a room. */
export type RestrictionKind = "ban" | "mute";

/** What someone may do on the platform. */
export type Role = "USER" | "ADMIN";

/** A room. */
export interface Room {
  /** The room's id. */
  id: string;
  /** Its name, without `#`; of a direct conversation the other person's. */
  name: string;
  /** What it is. */
  kind: RoomKind;
  /** What it is about. */
  topic: string;
  /** How many members it has. */
  members: number;
  /** Whether the caller is one of them. */
  joined: boolean;
  /** When it was made, milliseconds since the epoch. */
  createdAt: number;
  /** Shortest time between two messages of one member; 0 when there is none. */
  slowModeMs: number;
  /** Id of the other person of a direct conversation. */
  peer?: string;
}

/** What a room is: open to all, by invitation, or between two people. */
export type RoomKind = "channel" | "private" | "direct";

/** What someone may do in a room. */
export type RoomRole = "owner" | "moderator" | "member";

/** The rule that keeps a message from somebody. */
export type Rule = "not_a_member" | "joined_later" | "author_blocked" | "author_shadowed" | "banned" | "hidden_by_user";

/** An address a person was seen at. */
export interface SeenAddress {
  /** The address. */
  address: string;
  /** When it was first seen, milliseconds since the epoch. */
  firstSeen: number;
  /** When it was last seen, milliseconds since the epoch. */
  lastSeen: number;
}

/** A message that was stored. */
export interface Sent {
  /** The message's id. */
  message: string;
  /** The room's id. */
  room: string;
  /** Its place in the room's stream. */
  seq: number;
  /** When, milliseconds since the epoch. */
  at: number;
  /** Whether the key was seen before: this is the first answer again. */
  duplicate?: boolean;
}

/** Whether a service answers. */
export interface ServiceHealth {
  /** `auth`, `room`, `social` or `moderation`. */
  name: string;
  /** Whether it answers. */
  up: boolean;
  /** How long it took. */
  latencyMs: number;
}

/** What a person has chosen for themselves. */
export interface Settings {
  /** Who may open a direct conversation. */
  directFrom: DirectFrom;
}

/** The status others see. */
export type Status = "online" | "away" | "dnd" | "offline";

/** A thread of a room. */
export interface Thread {
  /** Its id. */
  id: string;
  /** The room's id. */
  room: string;
  /** Its title. */
  title: string;
  /** Id of the user who did it. */
  by: string;
  /** When it was opened, milliseconds since the epoch. */
  createdAt: number;
  /** How many messages it has. */
  messages: number;
  /** Seq of its newest message. */
  lastSeq: number;
  /** Seq up to which the caller has read it. */
  read: number;
  /** How many messages the caller has not read. */
  unread: number;
  /** Id of the message it began with. */
  root?: string;
}

/** Data of `typing`: someone writes in a room. */
export interface Typing {
  /** Who. */
  user: string;
  /** Until when that is to be believed, milliseconds since the epoch; now or earlier when they stopped. */
  until: number;
}

/** A user with their role on the platform. */
export interface User {
  /** The user's id. */
  id: string;
  /** Their name. */
  name: string;
  /** What they may do on the platform. */
  role: Role;
}

/** The first frame: who the client is, what the server allows, and where every stream of theirs stands. */
export interface Welcome {
  /** The session's id. */
  session: string;
  /** Who this connection belongs to. */
  user: User;
  /** Whose installation this is. */
  tenant: string;
  /** Whether the cursors of the `hello` were taken. */
  resumed: boolean;
  /** How silence is dealt with. */
  heartbeat: {
    /** The server pings after it sent nothing for this long. */
    intervalMs: number;
    /** The connection is dead when nothing is heard for this long after that. */
    timeoutMs: number;
  };
  /** What this server allows. */
  limits: {
    /** Most bytes of a frame. */
    frame: number;
    /** Most characters of a message. */
    body: number;
    /** Deepest nesting of a frame. */
    depth: number;
    /** Requests a second. */
    perSecond: number;
    /** Requests at once. */
    burst: number;
    /** Most events that are told again per stream. */
    replay: number;
    /** Most cursors of a `hello`. */
    cursors: number;
  };
  /** Optional features this server has. */
  caps: string[];
  /** The rooms the user is in. */
  rooms: WelcomeRoom[];
  /** The user's private feed. */
  feed: {
    /** Its stream's id. */
    stream: string;
    /** The seq that its events follow. */
    head: number;
  };
  /** When the credential ends, milliseconds since the epoch. */
  expiresAt: number;
  /** This gateway's name. */
  server: string;
}

/** A room of the user. */
export interface WelcomeRoom {
  /** The room's id. */
  id: string;
  /** What it is. */
  kind: RoomKind;
  /** Its name, without `#`; of a direct conversation the other person's. */
  name: string;
  /** The newest seq of its stream. */
  head: number;
  /** Id of the event at `head`. */
  cursor: string;
  /** Seq up to which the user has read. */
  read: number;
  /** Messages after it; at most 1,000 are counted. */
  unread: number;
  /** Those that mention the user. */
  mentions: number;
  /** Another number than before: the stream began anew. */
  epoch: number;
  /** Id of the other person of a direct conversation. */
  peer?: string;
}

/** What clients send, by type. */
export interface Commands {
  /** The caller's password. */
  "account.deactivate": {
    /** The caller's password. */
    password: string;
  };
  /** The caller's password. */
  "account.erase": {
    /** The caller's password. */
    password: string;
  };
  /** Gives the caller another name. */
  "account.rename": {
    /** The new name. */
    name: string;
    /** The caller's password. */
    password: string;
  };
  /** How far messages have come to this device. */
  ack: {
    /** Stream → its seq and the event's id. */
    cursors: Cursors;
  };
  /** A new access token for this connection. */
  "auth.refresh": {
    /** The token, of the same user. */
    token: string;
  };
  /** Blocks someone. */
  "block.add": {
    /** The user's id, or `@name`. */
    user: string;
    /** Whether they must not see the caller either. */
    mutual?: boolean;
  };
  "block.list": Paging;
  /** Whom to unblock. */
  "block.remove": {
    /** The user's id, or `@name`. */
    user: string;
  };
  /** What became of the client's window. */
  "client.state": {
    /** Whether it is in view. */
    visible: boolean;
  };
  connection: Hello;
  /** With whom. */
  "dm.open": {
    /** The user's id, or `@name`. */
    user: string;
  };
  "dm.send": DmSend;
  "friend.accept": OfUser;
  "friend.cancel": OfUser;
  "friend.decline": OfUser;
  "friend.list": Paging;
  "friend.remove": OfUser;
  /** Asks someone to be friends. */
  "friend.request": {
    /** The user's id, or `@name`. */
    user: string;
    /** A few words with it. */
    note?: string;
  };
  hello: Hello;
  /** A page of a room's messages: the newest, or at most one of `before`, `after`, `around` and `at`. */
  "history.get": {
    /** The room's id, or `#name`. */
    room: string;
    /** Messages after this seq. */
    after?: number;
    /** Messages around this seq. */
    around?: number;
    /** Messages from this time on, milliseconds since the epoch. */
    at?: number;
    /** Messages before this seq. */
    before?: number;
    /** Most items of the page. */
    limit?: number;
    /** Only this thread: its id, or the id of the message it began with. */
    thread?: string;
  };
  /** The events of a room after a seq. */
  "history.sync": {
    /** The room's id, or `#name`. */
    room: string;
    /** The seq that is known. */
    after: number;
    /** Most events of the answer. */
    limit?: number;
  };
  /** The code to enter with. */
  "invite.accept": {
    /** The code. */
    code: string;
  };
  /** Makes a code. */
  "invite.create": {
    /** The room's id, or `#name`. */
    room: string;
    /** How many people it lets in. */
    maxUses?: number;
    /** How long it is good. */
    validSeconds?: number;
  };
  /** The room whose codes are asked for. */
  "invite.list": {
    /** The room's id, or `#name`. */
    room: string;
  };
  /** Ends a code. */
  "invite.revoke": {
    /** The room's id, or `#name`. */
    room: string;
    /** The code. */
    code: string;
  };
  /** Takes a message away. */
  "message.delete": {
    /** The room's id, or `#name`. */
    room: string;
    /** The message's id. */
    message: string;
    /** From whom. */
    scope: DeleteScope;
  };
  /** Another text for a message. */
  "message.edit": {
    /** The room's id, or `#name`. */
    room: string;
    /** The message's id. */
    message: string;
    /** The text. */
    body: string;
    /** The revision that is changed: another one is a conflict. */
    rev: number;
  };
  /** The message that is asked for. */
  "message.get": {
    /** The message's id. */
    message: string;
  };
  "message.pin": OfMessage;
  /** The room whose pins are asked for. */
  "message.pins": {
    /** The room's id, or `#name`. */
    room: string;
  };
  /** Words to look for. */
  "message.search": {
    /** Words to look for. */
    query: string;
    /** Most messages of the page. */
    limit?: number;
    /** `next` of the page before. */
    page?: string;
    /** Only in this room: its id, or `#name`. */
    room?: string;
  };
  "message.send": MessageSend;
  "message.unpin": OfMessage;
  /** Whose addresses are asked for. */
  "mod.addresses": {
    /** The user's id, or `@name`. */
    user: string;
  };
  /** A page of the log of what moderators did. */
  "mod.audit": {
    /** Only this kind of act. */
    action?: string;
    /** Only what this user did. */
    actor?: string;
    /** Most items of the page. */
    limit?: number;
    /** `next` of the page before. */
    page?: string;
    /** Only what was done to this. */
    subject?: string;
  };
  /** Bans an account, or an address range. */
  "mod.ban": {
    /** Why, for the person and the log. */
    reason: string;
    /** The address range, as in `203.0.113.0/24`. Either this or an account. */
    cidr?: string;
    /** What it does; `enforce` if left out. */
    mode?: BanMode;
    /** When it ends, milliseconds since the epoch; for good if left out. */
    until?: number;
    /** The account: its id, or `@name`. Either this or a range. */
    user?: string;
  };
  /** Everyone's, or one person's. */
  "mod.bans": {
    /** Most items of the page. */
    limit?: number;
    /** `next` of the page before. */
    page?: string;
    /** Only this user's. */
    user?: string;
  };
  /** Everyone's, or one person's. */
  "mod.connections": {
    /** Most items of the page. */
    limit?: number;
    /** `next` of the page before. */
    page?: string;
    /** Only this user's. */
    user?: string;
  };
  /** The connection to close. */
  "mod.disconnect": {
    /** The connection's id. */
    connection: string;
  };
  /** A message and somebody who should have it. */
  "mod.explain": {
    /** The message's id. */
    message: string;
    /** The person: an id or `@name`. */
    user: string;
  };
  /** A filter to be made. */
  "mod.filterAdd": {
    /** What it looks for. */
    pattern: string;
    /** What it does. */
    action: FilterAction;
  };
  /** The filter to take away. */
  "mod.filterRemove": {
    /** The filter's id. */
    filter: string;
  };
  "mod.filters": Empty;
  "mod.health": Empty;
  /** Puts a member out of a room. */
  "mod.kick": {
    /** The room's id, or `#name`. */
    room: string;
    /** The user's id, or `@name`. */
    user: string;
    /** Why, for the person and the log. */
    reason?: string;
  };
  /** Silences a person, in a room or everywhere; 28 days at most. */
  "mod.mute": {
    /** The user's id, or `@name`. */
    user: string;
    /** When it ends, milliseconds since the epoch. */
    until: number;
    /** Why; needed without a room. */
    reason?: string;
    /** The room's id, or `#name`; the whole platform if left out. */
    room?: string;
  };
  /** A range to look at before it is banned. */
  "mod.preview": {
    /** The address range, as in `203.0.113.0/24`. */
    cidr: string;
  };
  /** Reports a message or a person. */
  "mod.report": {
    /** What it is about. */
    category: ReportCategory;
    /** The message's id. Either this or a person. */
    message?: string;
    /** What the moderators should know. */
    note?: string;
    /** The user's id, or `@name`. Either this or a message. */
    user?: string;
  };
  /** Moves a report on. */
  "mod.reportUpdate": {
    /** The report's id. */
    report: string;
    /** How far it is now. */
    state: ReportState;
    /** What came of it. */
    outcome?: string;
  };
  /** A page of reports. */
  "mod.reports": {
    /** Most items of the page. */
    limit?: number;
    /** `next` of the page before. */
    page?: string;
    /** Only those in this state. */
    state?: ReportState;
  };
  /** Which bans to lift: one by its id, or all of an account or a range. */
  "mod.unban": {
    /** The ban's id. */
    ban?: string;
    /** The address range, as in `203.0.113.0/24`. */
    cidr?: string;
    /** The user's id, or `@name`. */
    user?: string;
  };
  /** Lets a person speak again. */
  "mod.unmute": {
    /** The user's id, or `@name`. */
    user: string;
    /** The room's id, or `#name`; the whole platform if left out. */
    room?: string;
  };
  /** A page of accounts. */
  "mod.users": {
    /** Most items of the page. */
    limit?: number;
    /** `next` of the page before. */
    page?: string;
    /** The beginning of the name. */
    query?: string;
  };
  /** Warns a person. */
  "mod.warn": {
    /** The user's id, or `@name`. */
    user: string;
    /** Why, for the person and the log. */
    reason: string;
  };
  "notify.list": Paging;
  /** The notifications that were read. */
  "notify.read": {
    /** Ids of notifications. */
    ids: string[];
  };
  /** A heartbeat; the number may also stand beside `type`. */
  ping: {
    /** A number that comes back. */
    n?: number;
  };
  /** A heartbeat; the number may also stand beside `type`. */
  pong: {
    /** A number that comes back. */
    n?: number;
  };
  /** The status that others see. */
  "presence.set": {
    /** The status. */
    status: OwnStatus;
    /** A few words with it. */
    text?: string;
    /** When it ends, milliseconds since the epoch; for good if left out. */
    until?: number;
  };
  /** Whom to watch: people, or the members of a room. */
  "presence.watch": {
    /** The room's id, or `#name`; either this or people. */
    room?: string;
    /** Ids or `@names`; either these or a room. */
    users?: string[];
  };
  /** A reaction to a message. */
  "reaction.add": {
    /** The room's id, or `#name`. */
    room: string;
    /** The message's id. */
    message: string;
    /** The emoji. */
    emoji: string;
  };
  /** A reaction to a message. */
  "reaction.remove": {
    /** The room's id, or `#name`. */
    room: string;
    /** The message's id. */
    message: string;
    /** The emoji. */
    emoji: string;
  };
  /** The room whose receipts are asked for. */
  "read.list": {
    /** The room's id, or `#name`. */
    room: string;
  };
  /** How far the caller has read. */
  "read.mark": {
    /** The room's id, or `#name`. */
    room: string;
    /** Seq up to which it was read. */
    seq: number;
    /** The thread's id; the room outside its threads if left out. */
    thread?: string;
  };
  /** Keeps a person out of a room. */
  "room.ban": {
    /** The room's id, or `#name`. */
    room: string;
    /** The user's id, or `@name`. */
    user: string;
    /** Why, for the person and the log. */
    reason?: string;
    /** When it ends, milliseconds since the epoch; for good if left out. */
    until?: number;
  };
  /** A page of a room's list. */
  "room.bans": {
    /** The room's id, or `#name`. */
    room: string;
    /** Most items of the page. */
    limit?: number;
    /** `next` of the page before. */
    page?: string;
  };
  /** A room to be made. */
  "room.create": {
    /** The name, without `#`. */
    name: string;
    /** What it is; `channel` if left out. */
    kind?: NewRoomKind;
    /** Whether it is private, where `kind` is left out. */
    private?: boolean;
    /** What it is about. */
    topic?: string;
  };
  "room.delete": OfRoom;
  "room.get": OfRoom;
  "room.invite": OfMember;
  /** The room to enter. */
  "room.join": {
    /** The room's id, or `#name`. */
    room: string;
    /** The seq that is known: only messages after it are told. */
    since?: number;
  };
  "room.leave": OfRoom;
  /** A page of the rooms the caller may see. */
  "room.list": {
    /** Most items of the page. */
    limit?: number;
    /** `next` of the page before. */
    page?: string;
    /** Part of the name. */
    query?: string;
  };
  /** A page of a room's list. */
  "room.members": {
    /** The room's id, or `#name`. */
    room: string;
    /** Most items of the page. */
    limit?: number;
    /** `next` of the page before. */
    page?: string;
  };
  /** Gives a member another role. */
  "room.role": {
    /** The room's id, or `#name`. */
    room: string;
    /** The user's id, or `@name`. */
    user: string;
    /** The new role. */
    role: RoomRole;
  };
  "room.transfer": OfMember;
  "room.unban": OfMember;
  /** What to change of a room. */
  "room.update": {
    /** The room's id, or `#name`. */
    room: string;
    /** The new name, without `#`. */
    name?: string;
    /** Shortest time between two messages of one member; 0 for none. */
    slowModeMs?: number;
    /** The new topic. */
    topic?: string;
  };
  "settings.get": Empty;
  /** What to change. */
  "settings.update": {
    /** Who may open a direct conversation. */
    directFrom?: DirectFrom;
  };
  /** A thread to be opened. */
  "thread.create": {
    /** The room's id, or `#name`. */
    room: string;
    /** The title. */
    title: string;
  };
  /** A page of a room's threads. */
  "thread.list": {
    /** The room's id, or `#name`. */
    room: string;
    /** Most items of the page. */
    limit?: number;
    /** `next` of the page before. */
    page?: string;
  };
  /** Says that the caller writes in a room, or no longer does. */
  typing: {
    /** The room's id, or `#name`. */
    room: string;
    /** Whether the caller writes. */
    on?: boolean;
  };
  /** Whose names are asked for. */
  "user.list": {
    /** Ids of users; those that are nobody's are left out. */
    users: string[];
  };
}

/** What answers it. */
export interface Answers {
  "account.deactivate": Empty;
  "account.erase": Empty;
  /** The caller with the new name. */
  "account.rename": {
    /** The caller. */
    user: User;
  };
  ack: Empty;
  /** The connection goes on. */
  "auth.refresh": {
    /** When the credential ends now, milliseconds since the epoch. */
    expiresAt: number;
  };
  /** Whom it is about. */
  "block.add": {
    /** The person. */
    user: Person;
  };
  /** A page of the caller's blocks. */
  "block.list": {
    /** The blocks. */
    blocks: Block[];
    /** `page` of the next page; none if this is the last. */
    next?: string;
  };
  /** Whom it is about. */
  "block.remove": {
    /** The person. */
    user: Person;
  };
  "client.state": Empty;
  connection: Welcome;
  /** A direct conversation, followed from here on. */
  "dm.open": {
    /** The conversation. */
    room: Room;
    /** The newest seq of the room's stream. */
    head: number;
    /** Id of the event at `head`. */
    cursor: string;
    /** What the caller has not read of it. */
    counter?: Counter;
  };
  "dm.send": Sent;
  /** How it stands with someone now. */
  "friend.accept": {
    /** How it stands now. */
    state: FriendState;
    /** The other one. */
    user: Person;
  };
  "friend.cancel": Empty;
  "friend.decline": Empty;
  /** A page of friends; the first one has the requests that wait. */
  "friend.list": {
    /** Friends by name. */
    friends: Person[];
    /** Who asked the caller. */
    incoming: FriendRequest[];
    /** Whom the caller asked. */
    outgoing: FriendRequest[];
    /** `page` of the next page; none if this is the last. */
    next?: string;
  };
  "friend.remove": Empty;
  /** How it stands with someone now. */
  "friend.request": {
    /** How it stands now. */
    state: FriendState;
    /** The other one. */
    user: Person;
  };
  hello: Welcome;
  /** A page of messages, oldest first. */
  "history.get": {
    /** The messages. */
    messages: Message[];
    /** Whether there are more in the direction that was asked for. */
    more: boolean;
  };
  /** The events, in order. */
  "history.sync": {
    /** Frames as they would have come; `prev` of the first is `after`. */
    events: DurableFrame[];
    /** The newest seq of the room's stream. */
    head: number;
  };
  "invite.accept": Joined;
  /** The code that was made. */
  "invite.create": {
    /** The code. */
    invite: Invite;
  };
  /** The room's codes. */
  "invite.list": {
    /** The codes. */
    invites: Invite[];
  };
  "invite.revoke": Empty;
  /** Where the deletion stands. */
  "message.delete": {
    /** Its place in the stream. */
    seq: number;
  };
  /** The message's new revision. */
  "message.edit": {
    /** The revision now. */
    rev: number;
    /** When, milliseconds since the epoch. */
    at: number;
    /** Its place in the stream. */
    seq: number;
    /** Whether the key was seen before: this is the first answer again. */
    duplicate?: boolean;
  };
  /** The message. */
  "message.get": {
    /** The message. */
    message: Message;
  };
  "message.pin": Empty;
  /** The pinned messages. */
  "message.pins": {
    /** The messages. */
    messages: Message[];
  };
  /** A page of messages, newest first. */
  "message.search": {
    /** The messages. */
    messages: Message[];
    /** `page` of the next page; none if this is the last. */
    next?: string;
  };
  "message.send": Sent;
  "message.unpin": Empty;
  /** The addresses, latest first. */
  "mod.addresses": {
    /** The addresses. */
    addresses: SeenAddress[];
  };
  /** A page of the log, newest first. */
  "mod.audit": {
    /** The rows. */
    rows: AuditRow[];
    /** `page` of the next page; none if this is the last. */
    next?: string;
  };
  /** A ban that was made. */
  "mod.ban": {
    /** The ban. */
    ban: Ban;
    /** Whom it met. */
    hit: {
      /** How many users. */
      users: number;
    };
    /** Whether the key was seen before: this is the first answer again. */
    duplicate?: boolean;
  };
  /** A page of bans, newest first. */
  "mod.bans": {
    /** The bans. */
    bans: BanRow[];
    /** `page` of the next page; none if this is the last. */
    next?: string;
  };
  /** A page of connections. */
  "mod.connections": {
    /** The connections. */
    connections: LiveConnection[];
    /** How many there are, on all pages. */
    total: number;
    /** `page` of the next page; none if this is the last. */
    next?: string;
  };
  "mod.disconnect": Empty;
  /** What became of a message on its way to a person, as the rules and sockets stand now. */
  "mod.explain": {
    /** The end of it: `read` and `delivered` are what a device says, `written` what a gateway says. */
    outcome: Ending;
    /** The room. */
    room: string;
    /** The message's place there. */
    seq: number;
    /** When it was stored, milliseconds since the epoch. */
    at: number;
    /** Who wrote it. */
    author: string;
    /** Whether it was taken away for everyone. */
    deleted: boolean;
    /** The last seq that a device of the person says it has got. */
    delivered: number;
    /** The last seq that they have read. */
    read: number;
    /** Their connections. */
    sockets: DeliverySocket[];
    /** The rule, if the outcome is `withheld`. */
    rule?: Rule;
  };
  /** The filter that was made. */
  "mod.filterAdd": {
    /** The filter. */
    filter: Filter;
  };
  "mod.filterRemove": Empty;
  /** The filters. */
  "mod.filters": {
    /** The filters. */
    filters: Filter[];
  };
  /** Whether the services answer. */
  "mod.health": {
    /** The services. */
    services: ServiceHealth[];
    /** The gateway that asked. */
    server: string;
  };
  "mod.kick": Empty;
  "mod.mute": Empty;
  /** Whom a ban of the range would meet. */
  "mod.preview": {
    /** The range in its shortest form. */
    cidr: string;
    /** Users seen from there lately. */
    users: number;
    /** Administrators among them. */
    admins: number;
    /** Some of their names. */
    sample: string[];
    /** Connections open now. */
    liveConnections: number;
    /** Users among them with open reports. */
    reportedUsers: number;
  };
  /** The report that was made. */
  "mod.report": {
    /** The report's id. */
    report: string;
    /** Whether the key was seen before: this is the first answer again. */
    duplicate?: boolean;
  };
  /** The report as it is now. */
  "mod.reportUpdate": {
    /** The report. */
    report: Report;
  };
  /** A page of reports, oldest first. */
  "mod.reports": {
    /** The reports. */
    reports: Report[];
    /** `page` of the next page; none if this is the last. */
    next?: string;
  };
  /** How many bans were lifted. */
  "mod.unban": {
    /** How many. */
    lifted: number;
  };
  "mod.unmute": Empty;
  /** A page of accounts by name. */
  "mod.users": {
    /** The accounts. */
    users: User[];
    /** `page` of the next page; none if this is the last. */
    next?: string;
  };
  "mod.warn": Empty;
  /** A page of notifications, newest first. */
  "notify.list": {
    /** The notifications. */
    notifications: Notification[];
    /** `page` of the next page; none if this is the last. */
    next?: string;
  };
  /** How many are left unread. */
  "notify.read": {
    /** How many are left unread. */
    unread: number;
  };
  ping: Empty;
  pong: Empty;
  "presence.set": Empty;
  /** How the watched people are seen now. */
  "presence.watch": {
    /** The people. */
    users: PresenceOf[];
    /** How many of them are there. */
    count: number;
  };
  /** How many there are now. */
  "reaction.add": {
    /** How many. */
    count: number;
  };
  /** How many there are now. */
  "reaction.remove": {
    /** How many. */
    count: number;
  };
  /** The furthest first. */
  "read.list": {
    /** The receipts. */
    receipts: Receipt[];
  };
  "read.mark": Counter;
  "room.ban": Empty;
  /** A page of restrictions. */
  "room.bans": {
    /** The restrictions. */
    restrictions: Restriction[];
    /** `page` of the next page; none if this is the last. */
    next?: string;
  };
  /** The room, followed from here on. */
  "room.create": {
    /** The room. */
    room: Room;
    /** Whether the key was seen before: this is the first answer again. */
    duplicate?: boolean;
  };
  "room.delete": Empty;
  /** The room. */
  "room.get": {
    /** The room. */
    room: Room;
  };
  "room.invite": Empty;
  "room.join": Joined;
  "room.leave": Empty;
  /** A page of rooms. */
  "room.list": {
    /** The rooms. */
    rooms: Room[];
    /** `page` of the next page; none if this is the last. */
    next?: string;
  };
  /** A page of members by name. */
  "room.members": {
    /** The members. */
    members: Member[];
    /** `page` of the next page; none if this is the last. */
    next?: string;
  };
  "room.role": Empty;
  "room.transfer": Empty;
  "room.unban": Empty;
  /** The room. */
  "room.update": {
    /** The room. */
    room: Room;
  };
  /** The caller's settings. */
  "settings.get": {
    /** The settings. */
    settings: Settings;
  };
  /** The caller's settings. */
  "settings.update": {
    /** The settings. */
    settings: Settings;
  };
  /** The thread that was opened. */
  "thread.create": {
    /** The thread. */
    thread: Thread;
    /** Whether the key was seen before: this is the first answer again. */
    duplicate?: boolean;
  };
  /** A page of threads, latest activity first. */
  "thread.list": {
    /** The threads. */
    threads: Thread[];
    /** `page` of the next page; none if this is the last. */
    next?: string;
  };
  typing: Empty;
  /** The people there are. */
  "user.list": {
    /** The people. */
    users: Person[];
  };
}

/** What the server tells, by type. */
export interface Events {
  /** This user has another name. */
  "account.updated": {
    /** When it was committed, milliseconds since the epoch. */
    at: number;
    /** The user, with the new name. */
    user: Person;
  };
  /** The credential ends soon. */
  "auth.expiring": {
    /** When it ends, milliseconds since the epoch. */
    expiresAt: number;
  };
  /** This user blocked or unblocked someone. */
  "block.updated": {
    /** When it was committed, milliseconds since the epoch. */
    at: number;
    /** Who. */
    user: Person;
    /** Blocked, or no longer. */
    blocked: boolean;
    /** Whether they do not see this user either. */
    mutual: boolean;
  };
  /** The last frame before the server closes. */
  bye: {
    /** The close code. */
    code: CloseCode;
    /** The close code in a word. */
    reason: CloseReason;
    /** What to do next. */
    reconnect: Reconnect;
    /** How long to wait at least before that. */
    retryAfterMs: number;
  };
  /** The client is back where it was; follows a welcome that resumes. */
  "client/RESUME_SESSION": {
    /** The session's id. */
    session: string;
    /** The user's id. */
    user: string;
    /** Ids of the rooms the user is in. */
    rooms: string[];
  };
  /** Two people are friends now. */
  "friend.accepted": {
    /** When it was committed, milliseconds since the epoch. */
    at: number;
    /** The other one. */
    user: Person;
  };
  /** A request was taken back. */
  "friend.cancelled": {
    /** When it was committed, milliseconds since the epoch. */
    at: number;
    /** The other one. */
    user: Person;
  };
  /** This user declined a request. The asker is not told. */
  "friend.declined": {
    /** When it was committed, milliseconds since the epoch. */
    at: number;
    /** The other one. */
    user: Person;
  };
  /** A friendship ended. */
  "friend.removed": {
    /** When it was committed, milliseconds since the epoch. */
    at: number;
    /** The other one. */
    user: Person;
  };
  /** Someone asks to be friends. */
  "friend.requested": {
    /** When it was committed, milliseconds since the epoch. */
    at: number;
    /** Who asks. */
    from: Person;
    /** What they wrote with it. */
    note?: string;
  };
  /** This user asked someone to be friends. */
  "friend.sent": {
    /** When it was committed, milliseconds since the epoch. */
    at: number;
    /** The other one. */
    user: Person;
  };
  /** A message was taken from everyone. */
  "message.deleted": {
    /** When it was committed, milliseconds since the epoch. */
    at: number;
    /** The message's id. */
    message: string;
    /** Who did it. */
    by: Person;
  };
  /** A message has another text. */
  "message.edited": {
    /** When it was committed, milliseconds since the epoch. */
    at: number;
    /** The message's id. */
    message: string;
    /** Its text now. */
    body: string;
    /** Its revision now, from 2. */
    rev: number;
    /** Ids of the users it mentions now. */
    mentions: string[];
  };
  /** This user took a message from their own devices. */
  "message.hidden": {
    /** When it was committed, milliseconds since the epoch. */
    at: number;
    /** The room's id. */
    room: string;
    /** The message's id. */
    message: string;
  };
  /** A message. */
  "message.new": Message;
  /** A message was pinned or unpinned. */
  "message.pinned": {
    /** When it was committed, milliseconds since the epoch. */
    at: number;
    /** The message's id. */
    message: string;
    /** Pinned, or no longer. */
    on: boolean;
    /** Who did it. */
    by: Person;
  };
  /** This user is banned, from a room or (without `room`) altogether: gateways then close their sockets. */
  "mod.banned": {
    /** When it was committed, milliseconds since the epoch. */
    at: number;
    /** Why, in the moderator's words. */
    reason?: string;
    /** The room's id; none for the whole platform. */
    room?: string;
    /** When it ends, milliseconds since the epoch; none for good. */
    until?: number;
  };
  /** This user was put out of a room. */
  "mod.kicked": {
    /** When it was committed, milliseconds since the epoch. */
    at: number;
    /** Why, in the moderator's words. */
    reason?: string;
    /** The room's id; none for the whole platform. */
    room?: string;
    /** When it ends, milliseconds since the epoch; none for good. */
    until?: number;
  };
  /** This user may not speak for a time. */
  "mod.muted": {
    /** When it was committed, milliseconds since the epoch. */
    at: number;
    /** Why, in the moderator's words. */
    reason?: string;
    /** The room's id; none for the whole platform. */
    room?: string;
    /** When it ends, milliseconds since the epoch; none for good. */
    until?: number;
  };
  /** This user may speak again. */
  "mod.unmuted": {
    /** When it was committed, milliseconds since the epoch. */
    at: number;
    /** Why, in the moderator's words. */
    reason?: string;
    /** The room's id; none for the whole platform. */
    room?: string;
    /** When it ends, milliseconds since the epoch; none for good. */
    until?: number;
  };
  /** An administrator warned this user. */
  "mod.warned": {
    /** When it was committed, milliseconds since the epoch. */
    at: number;
    /** Why, in the moderator's words. */
    reason?: string;
    /** The room's id; none for the whole platform. */
    room?: string;
    /** When it ends, milliseconds since the epoch; none for good. */
    until?: number;
  };
  /** A notification. */
  "notify.new": {
    /** When it was committed, milliseconds since the epoch. */
    at: number;
    /** What it is about. */
    kind: NotificationKind;
    /** One line. */
    title: string;
    /** A few words of what it is about. */
    body: string;
    /** Ids that lead there. */
    data: Record<string, unknown>;
  };
  /** Notifications were read. */
  "notify.updated": {
    /** When it was committed, milliseconds since the epoch. */
    at: number;
    /** Which. */
    ids: string[];
    /** How many are left unread. */
    unread: number;
  };
  /** What the people who run the server say. */
  [kind: `operator.${string}`]: Record<string, unknown>;
  /** The server asks for a sign of life: any frame answers it. */
  ping: Empty;
  /** The answer to the client's ping. */
  pong: Empty;
  /** A watched person is seen differently. */
  "presence.changed": PresenceOf;
  /** This user set their status. */
  "presence.updated": {
    /** When it was committed, milliseconds since the epoch. */
    at: number;
    /** What they set. */
    status: OwnStatus;
    /** What they wrote with it. */
    text?: string;
    /** When it ends, milliseconds since the epoch. */
    until?: number;
  };
  /** Someone added or took back a reaction. */
  "reaction.changed": {
    /** When it was committed, milliseconds since the epoch. */
    at: number;
    /** The message's id. */
    message: string;
    /** Which. */
    emoji: string;
    /** Whose. */
    user: Person;
    /** Added, or taken back. */
    on: boolean;
    /** How many there are now, of everyone. */
    count: number;
  };
  /** Someone has read, or messages have come to their devices. */
  "read.updated": ReadUpdated;
  /** This user has read. */
  "room.counter": {
    /** When it was committed, milliseconds since the epoch. */
    at: number;
    /** The room's id. */
    room: string;
    /** Seq up to which the user has read. */
    read: number;
    /** Messages after it; at most 1,000 are counted. */
    unread: number;
    /** Those that mention the user. */
    mentions: number;
    /** The room's head when this was counted. */
    head: number;
    /** The thread's id; none for the room outside its threads. */
    thread?: string;
  };
  /** A room came to be. */
  "room.created": {
    /** When it was committed, milliseconds since the epoch. */
    at: number;
    /** The room's name. */
    name: string;
    /** What it is. */
    kind: RoomKind;
    /** Who created it. */
    by: Person;
  };
  /** A room is gone. The last event of its stream. */
  "room.deleted": {
    /** When it was committed, milliseconds since the epoch. */
    at: number;
    /** Who did it. */
    by: Person;
  };
  /** Events were not told again: load them by pages. */
  "room.gap": {
    /** The first that was left out. */
    from: number;
    /** The last that was left out. */
    to: number;
    /** The events after this seq follow. */
    head: number;
    /** The room's id, if it is a room. */
    room?: string;
    /** The feed's id, if it is the user's own feed. */
    stream?: string;
  };
  /** Someone invited this user. */
  "room.invited": {
    /** When it was committed, milliseconds since the epoch. */
    at: number;
    /** The room's id. */
    room: string;
    /** The room's name. */
    name: string;
    /** Who invited. */
    by: Person;
  };
  /** Someone joined. */
  "room.memberJoined": {
    /** When it was committed, milliseconds since the epoch. */
    at: number;
    /** Who joined. */
    user: Person;
    /** Their role now. */
    role: RoomRole;
  };
  /** Someone left. */
  "room.memberLeft": {
    /** When it was committed, milliseconds since the epoch. */
    at: number;
    /** Who left. */
    user: Person;
    /** Why. */
    reason: LeaveReason;
  };
  /** Continuity cannot be proved: forget the stream and load it anew. */
  "room.reset": {
    /** The events after this seq follow. */
    head: number;
    /** The room's id, if it is a room. */
    room?: string;
    /** The feed's id, if it is the user's own feed. */
    stream?: string;
  };
  /** A member's role changed. */
  "room.roleChanged": {
    /** When it was committed, milliseconds since the epoch. */
    at: number;
    /** Whose role. */
    user: Person;
    /** Their role now. */
    role: RoomRole;
  };
  /** A room's name, topic or slow mode changed. */
  "room.updated": {
    /** When it was committed, milliseconds since the epoch. */
    at: number;
    /** Its new name. */
    name?: string;
    /** Its new slow mode; 0 for none. */
    slowModeMs?: number;
    /** Its new topic. */
    topic?: string;
  };
  /** This user changed their settings. */
  "settings.updated": {
    /** When it was committed, milliseconds since the epoch. */
    at: number;
    /** Who may open a direct conversation. */
    directFrom: DirectFrom;
  };
  /** Event, and how many of it were left out because the client reads slowly. */
  shed: Readonly<Record<string, number>>;
  /** A thread was opened. */
  "thread.created": {
    /** When it was committed, milliseconds since the epoch. */
    at: number;
    /** The thread's id. */
    thread: string;
    /** Its title. */
    title: string;
    /** Who opened it. */
    by: Person;
  };
  /** Someone writes. */
  typing: Typing;
  /** The client is online. */
  welcome: Welcome;
}

/** The commands that need an idempotency key. */
export const KEYED = [
  "block.add",
  "block.remove",
  "dm.open",
  "dm.send",
  "friend.accept",
  "friend.cancel",
  "friend.decline",
  "friend.remove",
  "friend.request",
  "invite.accept",
  "invite.create",
  "invite.revoke",
  "message.delete",
  "message.edit",
  "message.pin",
  "message.send",
  "message.unpin",
  "mod.ban",
  "mod.filterAdd",
  "mod.filterRemove",
  "mod.kick",
  "mod.mute",
  "mod.report",
  "mod.reportUpdate",
  "mod.unban",
  "mod.unmute",
  "mod.warn",
  "notify.read",
  "presence.set",
  "reaction.add",
  "reaction.remove",
  "read.mark",
  "room.ban",
  "room.create",
  "room.delete",
  "room.invite",
  "room.join",
  "room.leave",
  "room.role",
  "room.transfer",
  "room.unban",
  "room.update",
  "settings.update",
  "thread.create",
] as const;

/** Why something is refused. */
export const REASONS = [
  "CREDENTIALS_INVALID",
  "TOKEN_EXPIRED",
  "TOKEN_INVALID",
  "TOKEN_MISSING",
  "SIGNATURE_INVALID",
  "NOT_A_MEMBER",
  "PERMISSION_DENIED",
  "ADMIN_REQUIRED",
  "ROOM_NOT_FOUND",
  "ROOM_EXISTS",
  "ROOM_MUTED",
  "BANNED",
  "MESSAGE_NOT_FOUND",
  "RECIPIENT_UNAVAILABLE",
  "ALREADY_FRIENDS",
  "REQUEST_NOT_FOUND",
  "INVITE_INVALID",
  "WORD_REFUSED",
  "SLOW_MODE",
  "QUOTA",
  "RANGE_REFUSED",
  "REPORT_NOT_FOUND",
  "CONNECTION_GONE",
  "USER_NOT_FOUND",
  "USERNAME_TAKEN",
  "BODY_EMPTY",
  "BODY_TOO_LONG",
  "FIELD_INVALID",
  "CONFLICT",
  "RATE_LIMITED",
  "HISTORY_TRUNCATED",
  "UPSTREAM_UNAVAILABLE",
  "UNKNOWN_TYPE",
  "INTERNAL",
  "NOT_FOUND",
  "ORIGIN_REFUSED",
] as const;
export type Reason = (typeof REASONS)[number];
