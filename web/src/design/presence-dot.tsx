import { classes } from "./classes.ts";
import styles from "./presence-dot.module.css";

export type Status = "online" | "away" | "dnd" | "invisible" | "offline";

export const STATUS_NAMES: Record<Status, string> = {
  online: "Online",
  away: "Away",
  dnd: "Do not disturb",
  invisible: "Invisible",
  offline: "Offline",
};

/** Form and colour both tell the state, for those who see no difference between red and green. */
export function PresenceDot({ status, silent }: { status: Status; silent?: boolean | undefined }) {
  const says = silent ? { "aria-hidden": true } : { role: "img", "aria-label": STATUS_NAMES[status] };
  return <span {...says} className={classes(styles["dot"], styles[status])} />;
}
