import { classes } from "../../../design/index.ts";
import styles from "./separators.module.css";
import type { Row } from "./rows.ts";
import { dayTitle } from "./times.ts";

/** What stands between a row and the one before: a new day, the place up to which was read. */
export function Separators({ row, now }: { row: Row; now: number }) {
  const { isNewDay, isFirstUnread, message } = row;
  if (!isNewDay && !isFirstUnread) return null;
  return (
    <div
      role="separator"
      aria-label={[isNewDay && dayTitle(message.at, now), isFirstUnread && "New messages"].filter(Boolean).join(", ")}
      className={classes(styles["separator"], isFirstUnread && styles["unread"])}
    >
      {isNewDay && <span className={styles["day"]}>{dayTitle(message.at, now)}</span>}
      {isFirstUnread && <span className={styles["new"]}>New</span>}
    </div>
  );
}
