/** Reads the server's answers into the console's shapes. */

import { readOutcome, readProgress, readRule } from "./delivery/delivery-words.ts";
import type {
  BanRow,
  ConnectionRow,
  Delivery,
  FilterAction,
  FilterRow,
  PageOf,
  PersonRef,
  SeenAddress,
  ServiceRow,
  UserRow,
} from "./shapes.ts";

/** An object off the wire. */
export type Raw = Readonly<Record<string, unknown>>;

const text = (value: unknown): string | undefined => (typeof value === "string" && value !== "" ? value : undefined);
const number = (value: unknown): number | undefined => (typeof value === "number" ? value : undefined);

/** A person is told as `{id, name}`, or by the id alone. */
export function readPerson(value: unknown): PersonRef | undefined {
  if (typeof value === "string") return value === "" ? undefined : { id: value };
  if (typeof value !== "object" || value === null) return undefined;
  const { id, name } = value as Raw;
  return typeof id === "string" ? { id, name: text(name) } : undefined;
}

export function readPage<Row>(answer: Raw, rows: string, read: (raw: Raw) => Row): PageOf<Row> {
  const list = answer[rows];
  return {
    rows: Array.isArray(list) ? list.map((raw) => read(raw as Raw)) : [],
    next: text(answer["next"]),
    total: number(answer["total"]),
  };
}

/** When an id was made: ids (UUIDv7) begin with the time. */
export function timeOfId(id: string): number | undefined {
  const found = /^([0-9a-f]{8})-([0-9a-f]{4})-7/i.exec(id);
  return found ? Number.parseInt(`${found[1]}${found[2]}`, 16) : undefined;
}

export function readUser(raw: Raw): UserRow {
  const id = text(raw["id"]) ?? "";
  return {
    id,
    name: text(raw["name"]) ?? "",
    role: text(raw["role"]) ?? "USER",
    state: text(raw["state"]),
    createdAt: number(raw["createdAt"]) ?? timeOfId(id),
  };
}

export function readAddress(raw: Raw): SeenAddress {
  return {
    address: text(raw["address"]) ?? "",
    firstSeen: number(raw["firstSeen"]),
    lastSeen: number(raw["lastSeen"]),
  };
}

export function readBan(raw: Raw): BanRow {
  return {
    id: text(raw["id"]) ?? "",
    user: readPerson(raw["user"]),
    cidr: text(raw["cidr"]),
    reason: text(raw["reason"]) ?? "",
    mode: raw["mode"] === "shadow" ? "shadow" : "enforce",
    until: number(raw["until"]),
    by: readPerson(raw["by"]),
    at: number(raw["at"]),
  };
}

export function readConnection(raw: Raw): ConnectionRow {
  return {
    id: text(raw["id"]) ?? "",
    user: readPerson(raw["user"]) ?? { id: "" },
    gateway: text(raw["gateway"]) ?? "",
    address: text(raw["address"]) ?? "",
    since: number(raw["since"]) ?? 0,
    lastSeen: number(raw["lastSeen"]) ?? 0,
  };
}

export function readDelivery(raw: Raw): Delivery {
  const sockets = Array.isArray(raw["sockets"]) ? (raw["sockets"] as Raw[]) : [];
  return {
    outcome: readOutcome(raw["outcome"]),
    rule: readRule(raw["rule"]),
    room: text(raw["room"]) ?? "",
    seq: number(raw["seq"]) ?? 0,
    at: number(raw["at"]) ?? 0,
    author: text(raw["author"]) ?? "",
    isDeleted: raw["deleted"] === true,
    delivered: number(raw["delivered"]) ?? 0,
    read: number(raw["read"]) ?? 0,
    sockets: sockets.map((socket) => ({
      connection: readConnection((socket["connection"] ?? {}) as Raw),
      progress: readProgress(socket["progress"]),
      told: number(socket["told"]) ?? 0,
      heard: number(socket["heard"]) ?? 0,
      waiting: number(socket["waiting"]) ?? 0,
    })),
  };
}

const UP = new Set(["up", "ok", "serving", "ready", "healthy"]);

export function readService(raw: Raw): ServiceRow {
  const state = text(raw["state"]);
  const isUp = typeof raw["up"] === "boolean" ? raw["up"] : UP.has(state?.toLowerCase() ?? "");
  return { name: text(raw["name"]) ?? "", isUp, state, latencyMs: number(raw["latencyMs"]) };
}

export function readFilter(raw: Raw): FilterRow {
  const action: FilterAction = (raw["action"] ?? raw["mode"]) === "alert" ? "alert" : "refuse";
  return {
    id: text(raw["id"]) ?? "",
    pattern: text(raw["pattern"]) ?? "",
    action,
    by: readPerson(raw["by"]),
    at: number(raw["at"]),
  };
}
