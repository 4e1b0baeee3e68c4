import { ArrowDown } from "lucide-react";
import styles from "./jump-pill.module.css";

/** Leads back to the latest message, and tells how many came in meanwhile. */
export function JumpPill({ news, onJump }: { news: number; onJump: () => void }) {
  return (
    <button type="button" className={styles["pill"]} onClick={onJump}>
      <ArrowDown aria-hidden />
      Jump to latest
      {news > 0 && <span className={styles["news"]}>{`· ${news} new`}</span>}
    </button>
  );
}
