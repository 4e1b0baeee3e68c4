import type { ReactNode } from "react";
import { Link } from "wouter";
import { Button, SkeletonRows } from "../../../design/index.ts";
import { ModeTag } from "../bans/bans-page.tsx";
import { Moment } from "../moment.tsx";
import type { BanRow, ConnectionRow, SeenAddress } from "../shapes.ts";
import { plural, untilWords } from "../time-words.ts";
import type { Listing } from "../use-listing.ts";
import { useNow } from "../use-now.ts";
import styles from "./users.module.css";

interface PartProps<Row> {
  title: string;
  listing: Listing<Row>;
  /** What to say when there is nothing. */
  none: string;
  isEmpty: boolean;
  aside?: ReactNode;
  children: ReactNode;
}

function Part<Row>({ title, listing, none, isEmpty, aside, children }: PartProps<Row>) {
  return (
    <section className={styles["part"]} aria-label={title}>
      <header className={styles["part-head"]}>
        <h4>{title}</h4>
        {aside}
      </header>
      {listing.phase === "loading" && <SkeletonRows rows={1} />}
      {listing.phase === "failed" && (
        <p className={styles["quiet"]} role="alert">
          {listing.problem?.message}{" "}
          {listing.problem?.kind !== "missing" && (
            <Button size="small" onClick={listing.reload}>
              Try again
            </Button>
          )}
        </p>
      )}
      {listing.phase === "ready" && (isEmpty ? <p className={styles["quiet"]}>{none}</p> : <ul>{children}</ul>)}
    </section>
  );
}

export interface PersonBansProps {
  listing: Listing<BanRow>;
  /** Those of this person. */
  bans: readonly BanRow[];
  onLift: (ban: BanRow) => void;
}

export function PersonBans({ listing, bans, onLift }: PersonBansProps) {
  const now = useNow();
  return (
    <Part title="Bans" listing={listing} none="No ban is in force." isEmpty={bans.length === 0}>
      {bans.map((ban) => (
        <li key={ban.id} className={styles["line"]}>
          <ModeTag ban={ban} />
          <span className={styles["main"]}>{ban.reason}</span>
          <span className={styles["when"]}>{untilWords(ban.until, now)}</span>
          <Button size="small" onClick={() => onLift(ban)}>
            Unban
          </Button>
        </li>
      ))}
    </Part>
  );
}

export interface PersonConnectionsProps {
  id: string;
  listing: Listing<ConnectionRow>;
  onDisconnect: (connection: ConnectionRow) => void;
}

export function PersonConnections({ id, listing, onDisconnect }: PersonConnectionsProps) {
  const { rows, total } = listing;
  const all = (
    <Link href={`/console/connections/${id}`} className={styles["log"]}>
      {plural(total ?? rows.length, "connection")}
    </Link>
  );
  return (
    <Part
      title="Live connections"
      listing={listing}
      none="Not connected."
      isEmpty={rows.length === 0}
      aside={rows.length > 0 && all}
    >
      {rows.slice(0, 10).map((row) => (
        <li key={row.id} className={styles["line"]}>
          <code className={styles["main"]}>{row.address}</code>
          <span className={styles["when"]}>{row.gateway}</span>
          <span className={styles["when"]}>
            <Moment at={row.since} />
          </span>
          <Button size="small" onClick={() => onDisconnect(row)}>
            Disconnect
          </Button>
        </li>
      ))}
    </Part>
  );
}

export interface PersonAddressesProps {
  listing: Listing<SeenAddress>;
  onBan: (address: string) => void;
}

/** Where they came from. Others may come from there too: the ban's preview says whom else it hits. */
export function PersonAddresses({ listing, onBan }: PersonAddressesProps) {
  return (
    <Part
      title="Addresses of the last 30 days"
      listing={listing}
      none="None is known."
      isEmpty={listing.rows.length === 0}
    >
      {listing.rows.slice(0, 20).map(({ address, lastSeen }) => (
        <li key={address} className={styles["line"]}>
          <code className={styles["main"]}>{address}</code>
          <span className={styles["when"]}>
            <Moment at={lastSeen} />
          </span>
          <Button size="small" onClick={() => onBan(address)}>
            Ban address…
          </Button>
        </li>
      ))}
    </Part>
  );
}
