import { Flag, Inbox } from "lucide-react";
import { useCallback, useEffect } from "react";
import { useLocation } from "wouter";
import { Button, EmptyState, SkeletonRows, Tabs } from "../../../design/index.ts";
import { useConsoleApi } from "../api.ts";
import { Section } from "../section.tsx";
import type { ReportRow, ReportState } from "../shapes.ts";
import { Trouble } from "../trouble.tsx";
import { useListing, type Listing, type Load } from "../use-listing.ts";
import { useRefresh } from "../use-refresh.ts";
import { ReportDetail } from "./report-detail.tsx";
import { ReportList } from "./report-list.tsx";
import { isState, neighbour, STATES } from "./report-steps.ts";
import { useMoveReport } from "./use-move-report.ts";
import styles from "./reports.module.css";

export interface ReportsPageProps {
  state: string | undefined;
  id: string | undefined;
}

const pathOf = (state: ReportState, id?: string) => `/console/reports/${state}${id ? `/${id}` : ""}`;

/** The queue on the left, one report on the right; on a phone one after the other. */
export function ReportsPage({ state: wanted, id }: ReportsPageProps) {
  const state: ReportState = isState(wanted) ? wanted : "open";
  const api = useConsoleApi();
  const [, navigate] = useLocation();
  const load = useCallback<Load<ReportRow>>((page, signal) => api.reports(state, { page, signal }), [api, state]);
  const listing = useListing(load);
  const move = useMoveReport(api, listing);
  const report = listing.rows.find((row) => row.id === id);
  const isQuiet = listing.phase === "ready" && !id && listing.rows.length <= 50;
  useRefresh(() => isQuiet && listing.reload(), 30_000);
  useQueueKeys(listing.rows, id, (next) => navigate(pathOf(state, next.id), { replace: !!id }));
  return (
    <Section
      title="Reports"
      search={
        <Tabs<ReportState>
          label="State"
          look="pill"
          value={state}
          items={STATES}
          className={styles["states"]}
          onChange={(next) => navigate(pathOf(next))}
        />
      }
      actions={<Keys />}
    >
      <div className={styles["split"]} data-open={id ? true : undefined}>
        <div className={styles["list"]}>
          <Queue listing={listing} state={state} id={id} />
        </div>
        <div className={styles["detail"]}>
          {report ? (
            <ReportDetail key={report.id} report={report} onMove={move} onClose={() => navigate(pathOf(state))} />
          ) : (
            <NoReport id={id} listing={listing} onClose={() => navigate(pathOf(state))} />
          )}
        </div>
      </div>
    </Section>
  );
}

const Keys = () => (
  <p className={styles["keys"]}>
    <kbd>j</kbd> next <kbd>k</kbd> previous
  </p>
);

function Queue({ listing, state, id }: { listing: Listing<ReportRow>; state: ReportState; id: string | undefined }) {
  if (listing.phase === "loading") return <SkeletonRows rows={8} />;
  if (listing.phase === "failed" && listing.problem)
    return <Trouble problem={listing.problem} retry={listing.reload} />;
  if (listing.rows.length === 0) {
    return (
      <EmptyState icon={<Inbox />} title={state === "open" ? "The queue is empty" : "Nothing here"}>
        {state === "open"
          ? "Nobody waits for anybody. New reports come here by themselves."
          : "No report is in this state."}
      </EmptyState>
    );
  }
  return <ReportList listing={listing} state={state} hrefOf={(report) => pathOf(state, report.id)} chosen={id} />;
}

interface NoReportProps {
  id: string | undefined;
  listing: Listing<ReportRow>;
  onClose: () => void;
}

function NoReport({ id, listing, onClose }: NoReportProps) {
  if (listing.phase === "loading" || listing.rows.length === 0) return null;
  if (!id) {
    return (
      <EmptyState icon={<Flag />} title="Choose a report">
        Press j for the first one.
      </EmptyState>
    );
  }
  return (
    <EmptyState
      icon={<Flag />}
      title="This report is not in the list"
      action={
        <>
          <Button onClick={onClose}>Back to the list</Button>
          {listing.next && (
            <Button busy={listing.isLoadingMore} onClick={listing.more}>
              Show more
            </Button>
          )}
        </>
      }
    >
      It has moved on to another state, or stands further down.
    </EmptyState>
  );
}

/** j and k, unless one is writing or a dialog is open. */
function useQueueKeys(rows: readonly ReportRow[], id: string | undefined, go: (report: ReportRow) => void) {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || (event.key !== "j" && event.key !== "k")) return;
      const target = event.target as HTMLElement;
      if (target.closest("input, textarea, select, [contenteditable], [role=dialog]")) return;
      const next = neighbour(rows, id, event.key === "j" ? 1 : -1);
      if (!next) return;
      event.preventDefault();
      if (next.id !== id) go(next);
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  });
}
