import type { ReactNode } from "react";
import { Link, useRoute } from "wouter";
import styles from "./side-link.module.css";

interface SideLinkProps {
  to: string;
  icon: ReactNode;
  label: string;
  /** A badge. */
  children?: ReactNode;
}

export function SideLink({ to, icon, label, children }: SideLinkProps) {
  const [isHere] = useRoute(to);
  return (
    <Link href={to} className={styles["link"]} aria-current={isHere ? "page" : undefined}>
      <span className={styles["icon"]} aria-hidden>
        {icon}
      </span>
      <span className={styles["label"]}>{label}</span>
      {children}
    </Link>
  );
}
