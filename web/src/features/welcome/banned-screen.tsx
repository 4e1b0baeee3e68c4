import { ShieldBan } from "lucide-react";
import { Button } from "../../design/index.ts";
import styles from "./banned-screen.module.css";

interface BannedScreenProps {
  reason: string | undefined;
  /** Ms since the epoch; without it the ban is for good. */
  until: number | undefined;
  onLeave: () => void;
}

const WHEN = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "short" });

export function BannedScreen({ reason, until, onLeave }: BannedScreenProps) {
  return (
    <main className={styles["screen"]}>
      <div className={styles["card"]}>
        <span className={styles["icon"]}>
          <ShieldBan aria-hidden />
        </span>
        <h1 className={styles["title"]}>You are banned from this server</h1>
        <dl className={styles["facts"]}>
          {reason && (
            <div>
              <dt>Reason</dt>
              <dd>{reason}</dd>
            </div>
          )}
          <div>
            <dt>Until</dt>
            <dd>{until ? WHEN.format(until) : "No end was told"}</dd>
          </div>
        </dl>
        <p className={styles["text"]}>
          You cannot read or write here for that time. If you think this is a mistake, ask the people who run the
          server.
        </p>
        <Button onClick={onLeave} full>
          Back to log-in
        </Button>
      </div>
    </main>
  );
}
