import type { ComponentProps, ReactNode } from "react";
import styles from "./button.module.css";
import { classes } from "./classes.ts";
import { Spinner } from "./spinner.tsx";

export interface ButtonProps extends ComponentProps<"button"> {
  /** `primary` at most once per view; `quiet` has no frame. */
  variant?: "primary" | "secondary" | "quiet" | "danger" | undefined;
  size?: "small" | "medium" | "big" | undefined;
  /** Shows a spinner in place of the icon and takes no clicks. The width stays. */
  busy?: boolean | undefined;
  icon?: ReactNode;
  /** As wide as its container. */
  full?: boolean | undefined;
}

export function Button({ variant = "secondary", size = "medium", busy, icon, full, children, ...rest }: ButtonProps) {
  return (
    <button
      type="button"
      {...rest}
      aria-busy={busy || undefined}
      aria-disabled={busy || undefined}
      onClick={busy ? (event) => event.preventDefault() : rest.onClick}
      className={classes(styles["button"], styles[variant], styles[size], full && styles["full"], rest.className)}
    >
      {busy ? <Spinner size="small" /> : icon}
      {children}
    </button>
  );
}
