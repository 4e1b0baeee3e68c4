import type { ReactNode } from "react";
import styles from "./section-parts.module.css";

/** A group of settings with a heading. */
export function Group({ title, children, tone }: { title: string; children: ReactNode; tone?: "danger" }) {
  return (
    <section className={styles["group"]} data-tone={tone}>
      <h2 className={styles["title"]}>{title}</h2>
      <div className={styles["content"]}>{children}</div>
    </section>
  );
}

/** One setting: what it is on the left, its control on the right. */
export function Setting({ label, hint, children }: { label: ReactNode; hint?: ReactNode; children?: ReactNode }) {
  return (
    <div className={styles["setting"]}>
      <div className={styles["words"]}>
        <p className={styles["label"]}>{label}</p>
        {hint && <p className={styles["hint"]}>{hint}</p>}
      </div>
      {children && <div className={styles["control"]}>{children}</div>}
    </div>
  );
}
