import { RefreshCw } from "lucide-react";
import type { ReactNode } from "react";
import { Link } from "wouter";
import { IconButton, Skeleton, Tag } from "../../../design/index.ts";
import { useConsoleApi } from "../api.ts";
import { Section } from "../section.tsx";
import type { ServiceRow } from "../shapes.ts";
import { healthWords, latencyWords, toneOf } from "./numbers.ts";
import { useOverview, type Connections, type Count, type Reading } from "./use-overview.ts";
import styles from "./overview.module.css";

export function OverviewPage() {
  const { open, inReview, bans, connections, health, refresh } = useOverview(useConsoleApi());
  return (
    <Section
      title="At a glance"
      actions={
        <IconButton label="Refresh" onClick={refresh}>
          <RefreshCw />
        </IconButton>
      }
    >
      <div className={styles["scroll"]}>
        <div className={styles["column"]}>
          <ul className={styles["numbers"]}>
            <NumberCard label="Open reports" href="/console/reports/open" reading={open} isUrgent />
            <NumberCard label="In review" href="/console/reports/in_review" reading={inReview} />
            <NumberCard label="Active bans" href="/console/bans" reading={bans} />
            <NumberCard label="Live connections" href="/console/connections" reading={connections} />
          </ul>
          <div className={styles["panels"]}>
            <HealthPanel reading={health} />
            <GatewayPanel reading={connections} />
          </div>
        </div>
      </div>
    </Section>
  );
}

interface NumberCardProps {
  label: string;
  href: string;
  reading: Reading<Count>;
  /** Whether more than none asks for somebody. */
  isUrgent?: boolean | undefined;
}

function NumberCard({ label, href, reading, isUrgent }: NumberCardProps) {
  const isWaiting = isUrgent && reading.phase === "ready" && reading.value.count > 0;
  return (
    <li>
      <Link href={href} className={styles["card"]} data-urgent={isWaiting || undefined}>
        <span className={styles["label"]}>{label}</span>
        <span className={styles["number"]}>
          {reading.phase === "loading" && <Skeleton width="48px" height="28px" />}
          {reading.phase === "ready" && `${reading.value.count.toLocaleString("en")}${reading.value.isMore ? "+" : ""}`}
          {reading.phase === "failed" && "–"}
        </span>
        <span className={styles["note"]}>{noteOf(reading)}</span>
      </Link>
    </li>
  );
}

/** Empty when the number speaks for itself. */
function noteOf(reading: Reading<unknown>): string {
  if (reading.phase === "loading" || !reading.problem) return "";
  if (reading.problem.kind === "missing") return "Not offered by this server";
  return reading.phase === "ready" ? "Not renewed" : "No answer";
}

interface PanelProps<T> {
  title: string;
  reading: Reading<T>;
  aside?: ReactNode;
  children: (value: T) => ReactNode;
}

function Panel<T>({ title, reading, aside, children }: PanelProps<T>) {
  return (
    <section className={styles["panel"]} aria-label={title}>
      <header className={styles["panel-head"]}>
        <h3>{title}</h3>
        {aside}
      </header>
      {reading.phase === "loading" && (
        <div className={styles["bones"]} role="status" aria-label="Loading">
          <Skeleton width="70%" height="12px" />
          <Skeleton width="54%" height="12px" />
          <Skeleton width="62%" height="12px" />
        </div>
      )}
      {reading.phase === "failed" && (
        <p className={styles["quiet"]} role="alert">
          {reading.problem.message}
        </p>
      )}
      {reading.phase === "ready" && children(reading.value)}
    </section>
  );
}

const STATE_WORDS = { good: "up", warn: "slow", danger: "down" } as const;

function HealthPanel({ reading }: { reading: Reading<readonly ServiceRow[]> }) {
  const aside = reading.phase === "ready" && <span className={styles["quiet-line"]}>{healthWords(reading.value)}</span>;
  return (
    <Panel title="Services" reading={reading} aside={aside}>
      {(services) => (
        <ul>
          {services.map((service) => (
            <li key={service.name} className={styles["line"]}>
              <span className={styles["dot"]} data-tone={toneOf(service)} aria-hidden />
              <span className={styles["main"]}>{service.name}</span>
              <span className={styles["value"]}>{service.isUp ? latencyWords(service.latencyMs) : ""}</span>
              <Tag tone={toneOf(service)}>{STATE_WORDS[toneOf(service)]}</Tag>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}

function GatewayPanel({ reading }: { reading: Reading<Connections> }) {
  return (
    <Panel title="Connections by gateway" reading={reading}>
      {({ gateways }) => {
        if (gateways.length === 0) return <p className={styles["quiet"]}>Nobody is connected.</p>;
        const most = Math.max(...gateways.map(({ count }) => count));
        return (
          <ul>
            {gateways.map(({ gateway, count }) => (
              <li key={gateway} className={styles["line"]}>
                <span className={styles["main"]}>{gateway}</span>
                <span className={styles["bar"]} aria-hidden>
                  <span style={{ width: `${(count / most) * 100}%` }} />
                </span>
                <span className={styles["value"]}>{count.toLocaleString("en")}</span>
              </li>
            ))}
          </ul>
        );
      }}
    </Panel>
  );
}
