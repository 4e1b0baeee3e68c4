import type { ReactNode } from "react";
import styles from "./empty-state.module.css";

export interface EmptyStateProps {
  icon?: ReactNode;
  title: string;
  /** One or two sentences: why there is nothing, and what to do. */
  children?: ReactNode;
  action?: ReactNode;
}

export function EmptyState({ icon, title, children, action }: EmptyStateProps) {
  return (
    <div className={styles["state"]}>
      {icon && (
        <span className={styles["icon"]} aria-hidden>
          {icon}
        </span>
      )}
      <h2 className={styles["title"]}>{title}</h2>
      {children && <p className={styles["text"]}>{children}</p>}
      {action && <div className={styles["action"]}>{action}</div>}
    </div>
  );
}
