import { useEffect, useId, useRef, type ReactNode } from "react";
import { ArrowLeft, X } from "lucide-react";
import { usePhone } from "../../../app/use-media.ts";
import { IconButton } from "../../../design/index.ts";
import styles from "./side-panel.module.css";

interface SidePanelProps {
  title: string;
  subtitle?: ReactNode;
  actions?: ReactNode;
  onClose: () => void;
  children: ReactNode;
}

/** Stands beside a conversation; on a phone, in its place. */
export function SidePanel({ title, subtitle, actions, onClose, children }: SidePanelProps) {
  const isPhone = usePhone();
  const heading = useId();
  const panel = useRef<HTMLElement>(null);
  useEffect(() => {
    panel.current?.querySelector<HTMLElement>("h2")?.focus();
  }, []);
  return (
    <aside
      ref={panel}
      className={styles["panel"]}
      aria-labelledby={heading}
      onKeyDown={(event) => {
        if (event.key === "Escape" && !event.defaultPrevented) onClose();
      }}
    >
      <header className={styles["bar"]}>
        {isPhone && (
          <IconButton label="Back" bare onClick={onClose}>
            <ArrowLeft />
          </IconButton>
        )}
        <div className={styles["words"]}>
          <h2 id={heading} tabIndex={-1} className={styles["title"]}>
            {title}
          </h2>
          {subtitle && <p className={styles["subtitle"]}>{subtitle}</p>}
        </div>
        {actions}
        {!isPhone && (
          <IconButton label="Close panel" onClick={onClose}>
            <X />
          </IconButton>
        )}
      </header>
      <div className={styles["content"]}>{children}</div>
    </aside>
  );
}
