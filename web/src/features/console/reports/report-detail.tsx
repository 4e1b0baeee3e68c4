import { ArrowLeft, Eye } from "lucide-react";
import { useState, type ReactNode } from "react";
import { Link } from "wouter";
import { Button, IconButton, Tag } from "../../../design/index.ts";
import { PersonActs } from "../acts/person-acts.tsx";
import { shortId } from "../audit-words.ts";
import { Moment } from "../moment.tsx";
import { PersonName, RoomName, usePersonName } from "../names.tsx";
import type { ReportRow } from "../shapes.ts";
import { OutcomeDialog } from "./outcome-dialog.tsx";
import { CATEGORY_TONES, categoryWords, mayBecome, STATE_TONES, stateWords } from "./report-steps.ts";
import type { MoveReport } from "./use-move-report.ts";
import styles from "./reports.module.css";

export interface ReportDetailProps {
  report: ReportRow;
  onMove: MoveReport;
  onClose: () => void;
}

export function ReportDetail({ report, onMove, onClose }: ReportDetailProps) {
  const name = usePersonName(report.user) ?? shortId(report.user);
  return (
    <article className={styles["report"]} aria-label="Report">
      <header className={styles["report-head"]}>
        <IconButton label="Back to the list" className={styles["back"]} bare onClick={onClose}>
          <ArrowLeft />
        </IconButton>
        <h3 className={styles["report-title"]}>
          {report.message ? "A message of" : "A person:"} {name}
        </h3>
        <Tag tone={CATEGORY_TONES[report.category] ?? "plain"}>{categoryWords(report.category)}</Tag>
        <Tag tone={STATE_TONES[report.state]}>{stateWords(report.state)}</Tag>
      </header>
      <div className={styles["report-body"]}>
        {report.message && (
          <figure className={styles["snapshot"]}>
            <blockquote>{report.snapshot || "A message without text."}</blockquote>
            <figcaption>As it was when it was reported</figcaption>
          </figure>
        )}
        {report.note && (
          <Part title="What the reporter says">
            <p className={styles["note"]}>{report.note}</p>
          </Part>
        )}
        <Facts report={report} />
        <Part title="About the person">
          <div className={styles["acts"]}>
            <PersonActs person={{ id: report.user, name }} />
            <Link href={`/console/users/${report.user}`} className={styles["more-link"]}>
              Bans and connections
            </Link>
          </div>
        </Part>
      </div>
      <Steps report={report} onMove={onMove} />
    </article>
  );
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className={styles["part"]}>
      <h4>{title}</h4>
      {children}
    </section>
  );
}

function Facts({ report }: { report: ReportRow }) {
  const facts: [string, ReactNode][] = [
    ["Reported person", <PersonName person={{ id: report.user }} />],
    ["Reporter", report.reporter ? <PersonName person={{ id: report.reporter }} /> : "A word filter"],
  ];
  if (report.room) facts.push(["Room", <RoomName id={report.room} />]);
  if (report.message) facts.push(["Message", <code title={report.message}>{shortId(report.message)}</code>]);
  facts.push(["Reported", <Moment at={report.createdAt} />]);
  if (report.handledBy) facts.push(["Handled by", <PersonName person={{ id: report.handledBy }} />]);
  if (report.updatedAt > report.createdAt) facts.push(["Last moved", <Moment at={report.updatedAt} />]);
  if (report.outcome) facts.push(["Outcome", report.outcome]);
  return (
    <dl className={styles["facts"]}>
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** What may happen to the report itself; it stands at the bottom, where it can be reached without looking for it. */
function Steps({ report, onMove }: { report: ReportRow; onMove: MoveReport }) {
  const [asking, setAsking] = useState<"resolved" | "dismissed">();
  const { state } = report;
  if (!mayBecome(state, "resolved")) {
    return (
      <footer className={styles["steps"]}>This report is closed.{report.reporter && " The reporter was told."}</footer>
    );
  }
  return (
    <footer className={styles["steps"]}>
      {mayBecome(state, "in_review") && (
        <Button icon={<Eye aria-hidden />} onClick={() => void onMove(report, "in_review")}>
          Take into review
        </Button>
      )}
      <span className={styles["gap"]} />
      <Button onClick={() => setAsking("dismissed")}>Dismiss</Button>
      <Button variant="primary" onClick={() => setAsking("resolved")}>
        Resolve
      </Button>
      <OutcomeDialog
        to={asking}
        onClose={() => setAsking(undefined)}
        onConfirm={(to, outcome) => void onMove(report, to, outcome)}
      />
    </footer>
  );
}
