/** The console's commands: what is asked, and how the answers are read. */

import { useClient } from "@hubbub/client/react";
import { useMemo } from "react";
import {
  readAddress,
  readBan,
  readConnection,
  readDelivery,
  readFilter,
  readPage,
  readService,
  readUser,
  type Raw,
} from "./readings.ts";
import type {
  AuditRow,
  AuditSearch,
  BanPreview,
  BanRow,
  ConnectionRow,
  Delivery,
  FilterAction,
  FilterRow,
  NewBan,
  PageOf,
  ReportRow,
  ReportState,
  SeenAddress,
  ServiceRow,
} from "./shapes.ts";

/** What the console needs of a client. Wider than the client's own types: it also asks servers that know less. */
export interface Asker {
  request(type: string, data: Readonly<Record<string, unknown>>, options?: { signal?: AbortSignal }): Promise<unknown>;
}

/** The most that one page of any list holds. */
export const PAGE_LIMIT = 100;
const LIST_LIMIT = 50;

/** Which page, and a way to stop waiting for it. */
export interface Paging {
  readonly page?: string | undefined;
  readonly limit?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

export type ConsoleApi = ReturnType<typeof createConsoleApi>;

/** Leaves out what is not given: the server takes an empty text for a value. */
function given(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined && value !== ""));
}

export function createConsoleApi(asker: Asker) {
  const ask = async (type: string, fields: Readonly<Record<string, unknown>> = {}, signal?: AbortSignal) =>
    (await asker.request(type, given(fields), signal ? { signal } : {})) as Raw;
  const list = async <Row>(
    type: string,
    rows: string,
    read: (raw: Raw) => Row,
    { page, limit = LIST_LIMIT, signal }: Paging,
    search: Readonly<Record<string, unknown>> = {},
  ): Promise<PageOf<Row>> => readPage(await ask(type, { ...search, page, limit }, signal), rows, read);

  return {
    users: (query: string, paging: Paging = {}) => list("mod.users", "users", readUser, paging, { query }),
    /** Those of the last 30 days, latest first. */
    addresses: (user: string, paging: Paging = {}): Promise<PageOf<SeenAddress>> =>
      list("mod.addresses", "addresses", readAddress, paging, { user }),
    bans: (paging: Paging = {}, user?: string): Promise<PageOf<BanRow>> =>
      list("mod.bans", "bans", readBan, paging, { user }),
    connections: (paging: Paging = {}, user?: string): Promise<PageOf<ConnectionRow>> =>
      list("mod.connections", "connections", readConnection, paging, { user }),
    reports: (state: ReportState | undefined, paging: Paging = {}) =>
      list("mod.reports", "reports", (raw) => raw as unknown as ReportRow, paging, { state }),
    audit: (search: AuditSearch, paging: Paging = {}) =>
      list("mod.audit", "rows", (raw) => raw as unknown as AuditRow, paging, { ...search }),
    /** Why somebody, by id or `@name`, has a message or has not. */
    explain: async (message: string, user: string, signal?: AbortSignal): Promise<Delivery> =>
      readDelivery(await ask("mod.explain", { message, user }, signal)),
    async health(signal?: AbortSignal): Promise<readonly ServiceRow[]> {
      return readPage(await ask("mod.health", {}, signal), "services", readService).rows;
    },
    async filters(signal?: AbortSignal): Promise<readonly FilterRow[]> {
      return readPage(await ask("mod.filters", {}, signal), "filters", readFilter).rows;
    },
    preview: async (cidr: string, signal?: AbortSignal) =>
      (await ask("mod.preview", { cidr }, signal)) as unknown as BanPreview,
    ban: (ban: NewBan) => ask("mod.ban", { ...ban }),
    /** Lifts one ban by its id, or whatever an account has. */
    unban: (which: { ban: string } | { user: string }) => ask("mod.unban", which),
    mute: (user: string, until: number, reason: string) => ask("mod.mute", { user, until, reason }),
    unmute: (user: string) => ask("mod.unmute", { user }),
    warn: (user: string, reason: string) => ask("mod.warn", { user, reason }),
    async updateReport(report: string, state: ReportState, outcome?: string): Promise<ReportRow> {
      return (await ask("mod.reportUpdate", { report, state, outcome }))["report"] as ReportRow;
    },
    disconnect: (connection: string) => ask("mod.disconnect", { connection }),
    addFilter: (pattern: string, action: FilterAction) => ask("mod.filterAdd", { pattern, action }),
    removeFilter: (filter: string) => ask("mod.filterRemove", { filter }),
    /** The name of a room that an administrator can see. */
    async roomName(room: string): Promise<string | undefined> {
      const found = (await ask("room.get", { room }))["room"] as { name?: string } | undefined;
      return found?.name;
    },
  };
}

export function useConsoleApi(): ConsoleApi {
  const client = useClient();
  return useMemo(() => createConsoleApi(client as unknown as Asker), [client]);
}
