import { ArrowLeft } from "lucide-react";
import type { ReactNode } from "react";
import { classes } from "./classes.ts";
import { IconButton } from "./icon-button.tsx";
import styles from "./page.module.css";

export interface PageProps {
  title: string;
  /** One line under or beside the title. */
  subtitle?: ReactNode;
  icon?: ReactNode;
  /** Buttons at the end of the bar. */
  actions?: ReactNode;
  children: ReactNode;
  /** Shown on phones, before the title. */
  onBack?: (() => void) | undefined;
  /** `reading`: one column in the middle; `full`: the whole width, and the content scrolls itself. */
  width?: "reading" | "wide" | "full" | undefined;
}

/** A screen: a bar with the one `h1`, and what scrolls below. The shell moves the focus to the heading. */
export function Page({ title, subtitle, icon, actions, children, onBack, width = "reading" }: PageProps) {
  return (
    <section className={styles["page"]} aria-label={title}>
      <header className={styles["bar"]}>
        {onBack && (
          <IconButton label="Back" className={styles["back"]} onClick={onBack} bare>
            <ArrowLeft />
          </IconButton>
        )}
        {icon && (
          <span className={styles["icon"]} aria-hidden>
            {icon}
          </span>
        )}
        <div className={styles["words"]}>
          <h1 className={styles["title"]} tabIndex={-1} data-page-title>
            {title}
          </h1>
          {subtitle && <p className={styles["subtitle"]}>{subtitle}</p>}
        </div>
        {actions && <div className={styles["actions"]}>{actions}</div>}
      </header>
      {width === "full" ? (
        <div className={styles["full"]}>{children}</div>
      ) : (
        <div className={styles["scroll"]}>
          <div className={classes(styles["column"], width === "wide" && styles["wide"])}>{children}</div>
        </div>
      )}
    </section>
  );
}
