import { useCallback, useEffect, useReducer, useRef } from "react";
import { isAborted, problemOf, type Problem } from "./problem.ts";
import type { PageOf } from "./shapes.ts";

/** A list that is read page by page. */
export interface ListingState<Row> {
  readonly phase: "loading" | "ready" | "failed";
  readonly rows: readonly Row[];
  readonly next: string | undefined;
  readonly total: number | undefined;
  readonly isLoadingMore: boolean;
  /** Why the first page (`failed`) or the next one (`ready`) did not come. */
  readonly problem: Problem | undefined;
}

export interface Listing<Row> extends ListingState<Row> {
  more(): void;
  /** Reads the first page again. What is shown stays until it is there. */
  reload(): void;
  /** Changes what is shown before the server has said so, or after. */
  change(edit: (rows: readonly Row[]) => readonly Row[]): void;
}

export type Load<Row> = (page: string | undefined, signal: AbortSignal) => Promise<PageOf<Row>>;

export type ListingStep<Row> =
  | { readonly type: "start" | "more" }
  | { readonly type: "loaded" | "appended"; readonly page: PageOf<Row> }
  | { readonly type: "failed"; readonly problem: Problem }
  | { readonly type: "change"; readonly edit: (rows: readonly Row[]) => readonly Row[] };

export function initialListing<Row>(): ListingState<Row> {
  return { phase: "loading", rows: [], next: undefined, total: undefined, isLoadingMore: false, problem: undefined };
}

export function reduceListing<Row>(state: ListingState<Row>, step: ListingStep<Row>): ListingState<Row> {
  switch (step.type) {
    case "start":
      return initialListing();
    case "more":
      return { ...state, isLoadingMore: true, problem: undefined };
    case "loaded": {
      const { rows, next, total } = step.page;
      return { phase: "ready", rows, next, total, isLoadingMore: false, problem: undefined };
    }
    case "appended": {
      const { rows, next, total } = step.page;
      const all = [...state.rows, ...rows];
      return { ...state, rows: all, next, total: total ?? state.total, isLoadingMore: false };
    }
    case "failed":
      return {
        ...state,
        // What was read already stays: a failed second page takes nothing away.
        phase: state.phase === "ready" ? "ready" : "failed",
        isLoadingMore: false,
        problem: step.problem,
      };
    case "change":
      return { ...state, rows: step.edit(state.rows) };
  }
}

/** Reads a list; another `load` begins anew. */
export function useListing<Row>(load: Load<Row>): Listing<Row> {
  const [state, step] = useReducer(reduceListing<Row>, undefined, initialListing<Row>);
  const running = useRef<AbortController>(undefined);

  const read = useCallback(
    async (page: string | undefined, type: "loaded" | "appended") => {
      running.current?.abort();
      const controller = new AbortController();
      running.current = controller;
      try {
        const answer = await load(page, controller.signal);
        if (!controller.signal.aborted) step({ type, page: answer });
      } catch (error) {
        if (!controller.signal.aborted && !isAborted(error)) step({ type: "failed", problem: problemOf(error) });
      }
    },
    [load],
  );

  useEffect(() => {
    step({ type: "start" });
    void read(undefined, "loaded");
    return () => running.current?.abort();
  }, [read]);

  const more = useCallback(() => {
    step({ type: "more" });
    void read(state.next, "appended");
  }, [read, state.next]);
  const reload = useCallback(() => {
    if (state.phase === "failed") step({ type: "start" });
    void read(undefined, "loaded");
  }, [read, state.phase]);
  const change = useCallback((edit: (rows: readonly Row[]) => readonly Row[]) => step({ type: "change", edit }), []);

  return { ...state, more, reload, change };
}
