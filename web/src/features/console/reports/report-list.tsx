import { useEffect, useRef, type KeyboardEvent } from "react";
import { Link } from "wouter";
import { Button, Tag } from "../../../design/index.ts";
import { Moment } from "../moment.tsx";
import { PersonName } from "../names.tsx";
import type { ReportRow, ReportState } from "../shapes.ts";
import type { Listing } from "../use-listing.ts";
import { CATEGORY_TONES, categoryWords, gistOf, STATE_TONES, stateWords } from "./report-steps.ts";
import styles from "./reports.module.css";

export interface ReportListProps {
  listing: Listing<ReportRow>;
  /** The state that the list is about; what has moved on since says so. */
  state: ReportState;
  hrefOf: (report: ReportRow) => string;
  chosen: string | undefined;
}

export function ReportList({ listing, state, hrefOf, chosen }: ReportListProps) {
  const here = useRef<HTMLAnchorElement>(null);
  // With j and k the chosen one may leave the view.
  useEffect(() => {
    here.current?.scrollIntoView({ block: "nearest" });
  }, [chosen]);
  return (
    <>
      <ul aria-label="Reports" onKeyDown={walk}>
        {listing.rows.map((report) => {
          const isChosen = report.id === chosen;
          return (
            <li key={report.id}>
              <Link
                href={hrefOf(report)}
                ref={isChosen ? here : undefined}
                aria-current={isChosen || undefined}
                className={styles["row"]}
              >
                <span className={styles["row-head"]}>
                  <Tag tone={CATEGORY_TONES[report.category] ?? "plain"}>{categoryWords(report.category)}</Tag>
                  <PersonName person={{ id: report.user }} plain />
                  <span className={styles["when"]}>
                    <Moment at={report.createdAt} />
                  </span>
                </span>
                <span className={styles["gist"]}>{gistOf(report)}</span>
                {report.state !== state && <Tag tone={STATE_TONES[report.state]}>{stateWords(report.state)}</Tag>}
              </Link>
            </li>
          );
        })}
      </ul>
      {listing.next && (
        <p className={styles["more"]}>
          <Button size="small" busy={listing.isLoadingMore} onClick={listing.more}>
            Show more
          </Button>
        </p>
      )}
    </>
  );
}

function walk(event: KeyboardEvent<HTMLElement>) {
  const isDown = event.key === "ArrowDown";
  if (!isDown && event.key !== "ArrowUp") return;
  const item = (event.target as HTMLElement).closest("li");
  const next = isDown ? item?.nextElementSibling : item?.previousElementSibling;
  event.preventDefault();
  next?.querySelector("a")?.focus();
}
