import { useMe } from "@hubbub/client/react";
import { useCallback } from "react";
import { toast } from "../../../design/index.ts";
import type { ConsoleApi } from "../api.ts";
import { problemOf } from "../problem.ts";
import type { ReportRow, ReportState } from "../shapes.ts";
import type { Listing } from "../use-listing.ts";
import { replaceReport, stateWords } from "./report-steps.ts";

export type MoveReport = (report: ReportRow, state: ReportState, outcome?: string) => Promise<void>;

/** Moves a report on: shown at once, and taken back with the reason when the server refuses it. */
export function useMoveReport(api: ConsoleApi, listing: Listing<ReportRow>): MoveReport {
  const me = useMe();
  const { change, reload } = listing;
  return useCallback(
    async (report, state, outcome) => {
      const handledBy = me?.id ?? report.handledBy;
      change((rows) => replaceReport(rows, { ...report, state, outcome, handledBy, updatedAt: Date.now() }));
      try {
        const moved = await api.updateReport(report.id, state, outcome);
        change((rows) => replaceReport(rows, moved));
      } catch (error) {
        change((rows) => replaceReport(rows, report));
        const problem = problemOf(error);
        toast({
          title: `Not moved to “${stateWords(state)}”`,
          body:
            problem.reason === "CONFLICT"
              ? "Somebody else moved this report on. The list is read anew."
              : problem.message,
          tone: "danger",
        });
        // What is shown is not what is: whether somebody was faster, or nobody knows what was done.
        if (problem.reason === "CONFLICT" || problem.kind === "unknown") reload();
      }
    },
    [api, change, reload, me],
  );
}
