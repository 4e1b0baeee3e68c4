/**
 * What the console shows. The server's answers are read into these shapes in one place (`api.ts`), so that a server
 * that says a little less, or says it in an older way, still has a console.
 */

/** Somebody of whom perhaps only the id is known. */
export interface PersonRef {
  readonly id: string;
  readonly name?: string | undefined;
}

export interface UserRow {
  readonly id: string;
  readonly name: string;
  readonly role: string;
  /** `active`, `deactivated`, … where the server says it. */
  readonly state?: string | undefined;
  readonly createdAt?: number | undefined;
}

/** An address from which an account was used. */
export interface SeenAddress {
  readonly address: string;
  readonly firstSeen?: number | undefined;
  readonly lastSeen?: number | undefined;
}

export type BanMode = "enforce" | "shadow";

export interface BanRow {
  readonly id: string;
  readonly user?: PersonRef | undefined;
  readonly cidr?: string | undefined;
  readonly reason: string;
  readonly mode: BanMode;
  /** Left out: for good. */
  readonly until?: number | undefined;
  readonly by?: PersonRef | undefined;
  readonly at?: number | undefined;
}

export interface NewBan {
  readonly user?: string | undefined;
  readonly cidr?: string | undefined;
  readonly reason: string;
  readonly mode: BanMode;
  readonly until?: number | undefined;
}

export interface BanPreview {
  /** The range as the server reads it. */
  readonly cidr: string;
  readonly users: number;
  readonly admins: number;
  readonly sample: readonly string[];
  readonly liveConnections: number;
  readonly reportedUsers: number;
}

export type ReportState = "open" | "in_review" | "resolved" | "dismissed";

export interface ReportRow {
  readonly id: string;
  /** Left out: a word filter raised it. */
  readonly reporter?: string | undefined;
  readonly user: string;
  readonly message?: string | undefined;
  readonly room?: string | undefined;
  readonly category: string;
  readonly note: string;
  readonly snapshot?: string | undefined;
  readonly state: ReportState;
  readonly handledBy?: string | undefined;
  readonly outcome?: string | undefined;
  readonly createdAt: number;
  readonly updatedAt: number;
}

export interface AuditRow {
  readonly seq: number;
  readonly at: number;
  /** Left out: the system itself. */
  readonly actor?: string | undefined;
  readonly action: string;
  readonly subject: string;
  readonly detail: Readonly<Record<string, unknown>>;
  readonly hash: string;
}

export interface AuditSearch {
  readonly actor?: string | undefined;
  readonly subject?: string | undefined;
  readonly action?: string | undefined;
}

export interface ConnectionRow {
  readonly id: string;
  readonly user: PersonRef;
  readonly gateway: string;
  readonly address: string;
  readonly since: number;
  readonly lastSeen: number;
}

export type DeliveryOutcome = "read" | "delivered" | "written" | "waiting" | "withheld" | "offline" | "unknown";

export type DeliveryRule =
  "not_a_member" | "joined_later" | "author_blocked" | "author_shadowed" | "banned" | "hidden_by_user";

export type SocketProgress =
  "passed" | "queued" | "behind" | "not_heard" | "frozen" | "not_following" | "gone" | "unanswered";

export interface DeliverySocket {
  readonly connection: ConnectionRow;
  readonly progress: SocketProgress;
  readonly told: number;
  readonly heard: number;
  readonly waiting: number;
}

/** What became of a message on its way to somebody. */
export interface Delivery {
  readonly outcome: DeliveryOutcome;
  readonly rule?: DeliveryRule | undefined;
  readonly room: string;
  readonly seq: number;
  readonly at: number;
  readonly author: string;
  readonly isDeleted: boolean;
  /** How far their devices have got, and how far they have read. */
  readonly delivered: number;
  readonly read: number;
  readonly sockets: readonly DeliverySocket[];
}

export interface ServiceRow {
  readonly name: string;
  readonly isUp: boolean;
  /** The server's own word when it has more than two. */
  readonly state?: string | undefined;
  readonly latencyMs?: number | undefined;
}

export type FilterAction = "refuse" | "alert";

export interface FilterRow {
  readonly id: string;
  readonly pattern: string;
  readonly action: FilterAction;
  readonly by?: PersonRef | undefined;
  readonly at?: number | undefined;
}

/** One page of a list; without `next` it is the last. */
export interface PageOf<Row> {
  readonly rows: readonly Row[];
  readonly next?: string | undefined;
  /** How many there are in all, where the server says so. */
  readonly total?: number | undefined;
}
