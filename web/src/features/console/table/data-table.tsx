import { Inbox } from "lucide-react";
import { type KeyboardEvent, type ReactNode } from "react";
import { Button, EmptyState, Skeleton, classes } from "../../../design/index.ts";
import { Trouble } from "../trouble.tsx";
import type { Listing } from "../use-listing.ts";
import styles from "./data-table.module.css";

export interface Column<Row> {
  readonly id: string;
  readonly head: string;
  readonly cell: (row: Row) => ReactNode;
  /** A CSS length or share; otherwise as wide as it needs. */
  readonly width?: string;
  /**
   * What it is in the card on a phone: the headline, what can be done, a fact that needs no name, or nothing at all.
   * Otherwise name and value.
   */
  readonly role?: "lead" | "act" | "brief" | "aside";
  readonly align?: "end";
}

export interface DataTableProps<Row> {
  label: string;
  columns: readonly Column<Row>[];
  listing: Listing<Row>;
  rowKey: (row: Row) => string;
  /** What stands there when there is nothing. */
  empty: { readonly title: string; readonly text: string; readonly icon?: ReactNode };
}

const BONES = [68, 44, 80, 52, 36, 60];

/** Up and down go from row to row; Tab goes through what is in one. */
function walk(event: KeyboardEvent<HTMLElement>) {
  const isDown = event.key === "ArrowDown";
  if (!isDown && event.key !== "ArrowUp") return;
  const row = (event.target as HTMLElement).closest("[data-row]");
  if (!row || event.target instanceof HTMLSelectElement) return;
  const next = isDown ? row.nextElementSibling : row.previousElementSibling;
  if (!(next instanceof HTMLElement)) return;
  event.preventDefault();
  // The same thing in the next row; where it has none, its first.
  const things = (of: Element) => [...of.querySelectorAll<HTMLElement>("a[href], button")];
  const place = things(row).indexOf(event.target as HTMLElement);
  const targets = things(next);
  (targets[place] ?? targets[0])?.focus();
}

export function DataTable<Row>({ label, columns, listing, rowKey, empty }: DataTableProps<Row>) {
  if (listing.phase === "failed" && listing.problem)
    return <Trouble problem={listing.problem} retry={listing.reload} />;
  if (listing.phase === "ready" && listing.rows.length === 0) {
    return (
      <EmptyState icon={empty.icon ?? <Inbox />} title={empty.title}>
        {empty.text}
      </EmptyState>
    );
  }
  const isLoading = listing.phase === "loading";
  // The roles are said again because a table that is laid out as cards loses them in some browsers.
  return (
    <div className={styles["scroll"]}>
      <table role="table" aria-label={label} aria-busy={isLoading} className={styles["table"]}>
        <thead role="rowgroup" className={styles["head"]}>
          <tr role="row">
            {columns.map((column) => (
              <th
                key={column.id}
                role="columnheader"
                scope="col"
                style={column.width ? { width: column.width } : undefined}
                className={classes(styles[column.align ?? "start"])}
              >
                {column.role === "act" ? <span className="unseen">{column.head}</span> : column.head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody role="rowgroup" onKeyDown={walk}>
          {isLoading
            ? BONES.map((width) => <BoneRow key={width} columns={columns.length} width={width} />)
            : listing.rows.map((row) => <CellRow key={rowKey(row)} row={row} columns={columns} />)}
        </tbody>
      </table>
      <More listing={listing} />
    </div>
  );
}

function CellRow<Row>({ row, columns }: { row: Row; columns: readonly Column<Row>[] }) {
  return (
    <tr role="row" data-row className={styles["row"]}>
      {columns.map((column) => (
        <td
          key={column.id}
          role="cell"
          data-head={column.head}
          className={classes(styles["cell"], styles[column.role ?? "plain"], styles[column.align ?? "start"])}
        >
          {column.cell(row)}
        </td>
      ))}
    </tr>
  );
}

function BoneRow({ columns, width }: { columns: number; width: number }) {
  return (
    <tr role="row" aria-hidden className={styles["row"]}>
      {Array.from({ length: columns }, (_, column) => (
        <td key={column} className={styles["cell"]}>
          <Skeleton width={`${column === 0 ? width : 40 + ((width * (column + 3)) % 40)}%`} height="12px" />
        </td>
      ))}
    </tr>
  );
}

function More<Row>({ listing }: { listing: Listing<Row> }) {
  if (listing.problem) {
    return (
      <p role="alert" className={styles["more"]}>
        {listing.problem.message}
        <Button size="small" onClick={listing.next ? listing.more : listing.reload}>
          Try again
        </Button>
      </p>
    );
  }
  if (!listing.next) return null;
  return (
    <p className={styles["more"]}>
      <Button size="small" busy={listing.isLoadingMore} onClick={listing.more}>
        Show more
      </Button>
    </p>
  );
}
