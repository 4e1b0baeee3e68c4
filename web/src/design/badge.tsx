import { classes } from "./classes.ts";
import styles from "./badge.module.css";

export interface BadgeProps {
  count: number;
  /** `mention` asks for attention, `plain` only counts. */
  tone?: "plain" | "mention" | undefined;
  /** What is counted, for screen readers: "unread messages". */
  label: string;
}

export function Badge({ count, tone = "plain", label }: BadgeProps) {
  if (count <= 0) return null;
  return (
    <span className={classes(styles["badge"], styles[tone])}>
      <span aria-hidden>{count > 99 ? "99+" : count}</span>
      <span className="unseen">{`${count} ${label}`}</span>
    </span>
  );
}

export interface TagProps {
  children: string;
  tone?: "plain" | "accent" | "warn" | "danger" | "good" | undefined;
}

/** A word about a thing: a role, a state. */
export function Tag({ children, tone = "plain" }: TagProps) {
  return <span className={classes(styles["tag"], styles[`tag-${tone}`])}>{children}</span>;
}
