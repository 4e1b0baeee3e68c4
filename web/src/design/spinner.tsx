import { classes } from "./classes.ts";
import styles from "./spinner.module.css";

export interface SpinnerProps {
  /** Told to screen readers; without it the spinner is decoration beside a text that says so. */
  label?: string | undefined;
  size?: "small" | "medium" | "big" | undefined;
}

export function Spinner({ label, size = "medium" }: SpinnerProps) {
  const says = label ? { role: "status", "aria-label": label } : { "aria-hidden": true };
  return <span {...says} className={classes(styles["spinner"], styles[size])} />;
}
