import { RefreshCw, ScrollText, X } from "lucide-react";
import { useCallback, useMemo } from "react";
import { useLocation } from "wouter";
import { Button, IconButton, SelectField } from "../../../design/index.ts";
import { useConsoleApi } from "../api.ts";
import {
  ACTIONS,
  actionWords,
  detailParts,
  isId,
  shortHash,
  shortId,
  subjectOf,
  type DetailPart,
} from "../audit-words.ts";
import { CopyButton } from "../copy-button.tsx";
import { Moment } from "../moment.tsx";
import { ActorName, PersonName, RoomName, usePersonName } from "../names.tsx";
import { Section } from "../section.tsx";
import type { AuditRow, AuditSearch } from "../shapes.ts";
import { DataTable, type Column } from "../table/data-table.tsx";
import { useListing, type Load } from "../use-listing.ts";
import { WhoSearch } from "./who-search.tsx";
import styles from "./audit.module.css";

const EMPTY = {
  icon: <ScrollText />,
  title: "No such row",
  text: "Nothing in the log matches. It is never shortened.",
};

export interface AuditPageProps {
  /** By what the log is narrowed: `actor`, `subject` or `action`; the address says it. */
  by: string | undefined;
  value: string | undefined;
}

export function AuditPage({ by, value }: AuditPageProps) {
  const api = useConsoleApi();
  const search = useMemo<AuditSearch>(() => (by && value ? { [by]: value } : {}), [by, value]);
  const load = useCallback<Load<AuditRow>>((page, signal) => api.audit(search, { page, signal }), [api, search]);
  const listing = useListing(load);
  return (
    <Section
      title="Audit log"
      search={<AuditFilters by={by} value={value} />}
      actions={
        <IconButton label="Refresh" onClick={listing.reload}>
          <RefreshCw />
        </IconButton>
      }
    >
      <DataTable
        label="Audit log"
        columns={COLUMNS}
        listing={listing}
        rowKey={(row) => String(row.seq)}
        empty={EMPTY}
      />
    </Section>
  );
}

const ACTION_OPTIONS = [
  { value: "", label: "Every action" },
  ...Object.entries(ACTIONS).map(([value, label]) => ({ value, label })),
];

function AuditFilters({ by, value = "" }: AuditPageProps) {
  const [, navigate] = useLocation();
  const name = usePersonName(by === "action" || !isId(value) ? undefined : value);
  if (by === "actor" || by === "subject") {
    return (
      <Button size="small" icon={<X aria-hidden />} onClick={() => navigate("/console/audit")}>
        {by === "actor" ? "Done by" : "Done to"} {name ?? shortId(value)}
      </Button>
    );
  }
  return (
    <>
      <SelectField
        label="Action"
        hideLabel
        className={styles["action"]}
        value={by === "action" ? value : ""}
        options={ACTION_OPTIONS}
        onChange={(action) => navigate(action ? `/console/audit/action/${action}` : "/console/audit")}
      />
      <WhoSearch />
    </>
  );
}

const COLUMNS: readonly Column<AuditRow>[] = [
  { id: "seq", head: "No.", align: "end", role: "aside", cell: (row) => row.seq },
  { id: "action", head: "Action", role: "lead", cell: (row) => actionWords(row.action) },
  { id: "actor", head: "By", cell: (row) => <ActorName id={row.actor} /> },
  { id: "subject", head: "Subject", cell: (row) => <Subject row={row} /> },
  { id: "detail", head: "Detail", width: "30%", cell: (row) => <Detail row={row} /> },
  { id: "at", head: "When", role: "brief", cell: (row) => <Moment at={row.at} /> },
  { id: "hash", head: "Seal", cell: (row) => <Hash hash={row.hash} /> },
];

function Subject({ row }: { row: AuditRow }) {
  const { kind, text } = subjectOf(row);
  if (kind === "person") return <PersonName person={{ id: text }} />;
  if (kind === "room") return <RoomName id={text} />;
  return <code title={row.subject}>{shortId(text)}</code>;
}

function Detail({ row }: { row: AuditRow }) {
  const parts = detailParts(row.detail);
  if (parts.length === 0) return <span>–</span>;
  return (
    <ul className={styles["detail"]}>
      {parts.map((part) => (
        <li key={part.name}>
          <span className={styles["name"]}>{part.name}</span> <DetailValue part={part} />
        </li>
      ))}
    </ul>
  );
}

function DetailValue({ part }: { part: DetailPart }) {
  if (part.name === "room") return <RoomName id={part.full} />;
  if (part.name === "author") return <PersonName person={{ id: part.full }} />;
  return <span title={part.full}>{part.value}</span>;
}

function Hash({ hash }: { hash: string }) {
  return (
    <span className={styles["hash"]}>
      <code title={hash}>{shortHash(hash)}</code>
      <CopyButton label="Copy the seal" text={hash} />
    </span>
  );
}
