import { useCallback, useEffect, useRef, useState } from "react";
import { PAGE_LIMIT, type ConsoleApi } from "../api.ts";
import { isAborted, problemOf, type Problem } from "../problem.ts";
import type { PageOf, ServiceRow } from "../shapes.ts";
import { useRefresh } from "../use-refresh.ts";
import { byGateway, type GatewayCount } from "./numbers.ts";

/** One number of the overview; each stands for itself, so that one service that is down does not empty the page. */
export type Reading<T> =
  | { readonly phase: "loading" }
  /** With a problem: the value is from before. */
  | { readonly phase: "ready"; readonly value: T; readonly problem?: Problem }
  | { readonly phase: "failed"; readonly problem: Problem };

/** How many; `isMore` when one page did not hold them all. */
export interface Count {
  readonly count: number;
  readonly isMore: boolean;
}

export interface Connections extends Count {
  readonly gateways: readonly GatewayCount[];
}

const countOf = ({ rows, next, total }: PageOf<unknown>): Count => ({
  count: total ?? rows.length,
  isMore: total === undefined && next !== undefined,
});

/** Reads a value now and whenever `round` changes; what was read before stays until the new one is there. */
function useReading<T>(read: (signal: AbortSignal) => Promise<T>, round: number): Reading<T> {
  const [reading, setReading] = useState<Reading<T>>({ phase: "loading" });
  useEffect(() => {
    const controller = new AbortController();
    read(controller.signal).then(
      (value) => !controller.signal.aborted && setReading({ phase: "ready", value }),
      (error: unknown) => {
        if (controller.signal.aborted || isAborted(error)) return;
        const problem = problemOf(error);
        setReading((before) => (before.phase === "ready" ? { ...before, problem } : { phase: "failed", problem }));
      },
    );
    return () => controller.abort();
  }, [read, round]);
  return reading;
}

/** Pages of connections that are counted by gateway; beyond that the total alone is told. */
const GATEWAY_PAGES = 5;

async function readConnections(api: ConsoleApi, signal: AbortSignal): Promise<Connections> {
  const first = await api.connections({ limit: PAGE_LIMIT, signal });
  const rows = [...first.rows];
  let { next } = first;
  for (let page = 1; next && page < GATEWAY_PAGES; page++) {
    const more = await api.connections({ page: next, limit: PAGE_LIMIT, signal });
    rows.push(...more.rows);
    next = more.next;
  }
  return { ...countOf({ ...first, rows, next }), gateways: byGateway(rows) };
}

export function useOverview(api: ConsoleApi) {
  const [round, setRound] = useState(0);
  const lastAt = useRef(0);
  const refresh = useCallback(() => {
    // Focus and visibility tell the same return twice.
    if (Date.now() - lastAt.current < 1_000) return;
    lastAt.current = Date.now();
    setRound((before) => before + 1);
  }, []);
  useRefresh(refresh);
  const open = useReading(
    useCallback(async (signal) => countOf(await api.reports("open", { limit: PAGE_LIMIT, signal })), [api]),
    round,
  );
  const inReview = useReading(
    useCallback(async (signal) => countOf(await api.reports("in_review", { limit: PAGE_LIMIT, signal })), [api]),
    round,
  );
  const bans = useReading(
    useCallback(async (signal) => countOf(await api.bans({ limit: PAGE_LIMIT, signal })), [api]),
    round,
  );
  const connections = useReading(
    useCallback((signal) => readConnections(api, signal), [api]),
    round,
  );
  const health = useReading<readonly ServiceRow[]>(
    useCallback((signal) => api.health(signal), [api]),
    round,
  );
  return { open, inReview, bans, connections, health, refresh };
}
