import type { ComponentProps, ReactNode } from "react";
import { classes } from "./classes.ts";
import styles from "./icon-button.module.css";

export interface BareIconButtonProps extends Omit<ComponentProps<"button">, "aria-label" | "children"> {
  /** Its accessible name. */
  label: string;
  /** The icon. */
  children: ReactNode;
  size?: "small" | "medium" | undefined;
  /** A pressed toggle, or the button of what is open. */
  active?: boolean | undefined;
  tone?: "plain" | "danger" | undefined;
}

/** An icon button without a tooltip: for the first screen, which need not wait for the code of tooltips. */
export function BareIconButton({ label, size = "medium", active, tone = "plain", ...rest }: BareIconButtonProps) {
  return (
    <button
      type="button"
      {...rest}
      aria-label={label}
      data-active={active || undefined}
      className={classes(styles["button"], styles[size], styles[tone], rest.className)}
    />
  );
}
