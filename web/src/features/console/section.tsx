import type { ReactNode } from "react";
import styles from "./section.module.css";

export interface SectionProps {
  /** The section's heading; it stands in the bar. */
  title: string;
  /** What narrows the list. */
  search?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
}

/** A part of the console: one bar, and below it what scrolls. */
export function Section({ title, search, actions, children }: SectionProps) {
  return (
    <section aria-label={title} className={styles["section"]}>
      <header className={styles["bar"]}>
        <h2 className={search ? "unseen" : styles["title"]}>{title}</h2>
        {search && <div className={styles["search"]}>{search}</div>}
        {actions && <div className={styles["actions"]}>{actions}</div>}
      </header>
      {children}
    </section>
  );
}
