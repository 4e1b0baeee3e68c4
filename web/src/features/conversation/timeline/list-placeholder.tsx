import type { ReactNode } from "react";
import { CloudOff } from "lucide-react";
import type { Timeline } from "@hubbub/client/store";
import { Button, EmptyState, Skeleton } from "../../../design/index.ts";
import styles from "./list-placeholder.module.css";

/** Widths of the lines of messages that are not there yet, in percent. */
const LINES: readonly (readonly number[])[] = [[46], [72, 38], [30], [64], [52, 80, 24], [40], [68]];

function Bones() {
  return (
    <div className={styles["bones"]} aria-hidden>
      {LINES.map((widths, row) => (
        <div key={row} className={styles["bone"]}>
          <Skeleton width="36px" height="36px" />
          <div className={styles["lines"]}>
            <Skeleton width={`${12 + ((row * 5) % 9)}%`} height="12px" />
            {widths.map((width, line) => (
              <Skeleton key={line} width={`${width}%`} height="14px" />
            ))}
          </div>
        </div>
      ))}
    </div>
  );
}

interface ListPlaceholderProps {
  timeline: Timeline;
  empty: ReactNode;
  onRetry: () => void;
}

/** In the place of the messages: while they are loaded, when that failed, and when there are none. */
export function ListPlaceholder({ timeline, empty, onRetry }: ListPlaceholderProps) {
  if (timeline.loading) return <Bones />;
  if (!timeline.error) return empty;
  return (
    <div className={styles["centre"]}>
      <EmptyState
        icon={<CloudOff />}
        title="The messages could not be loaded"
        action={
          <Button variant="primary" onClick={onRetry}>
            Try again
          </Button>
        }
      >
        {timeline.error}
      </EmptyState>
    </div>
  );
}
