import styles from "./skeleton.module.css";
import { classes } from "./classes.ts";

export interface SkeletonProps {
  /** CSS lengths. */
  width?: string | undefined;
  height?: string | undefined;
  round?: boolean | undefined;
}

export function Skeleton({ width = "100%", height = "1em", round }: SkeletonProps) {
  return <span aria-hidden className={classes(styles["bone"], round && styles["round"])} style={{ width, height }} />;
}

/** Rows of a face and two lines, as most lists here have them. */
export function SkeletonRows({
  rows = 5,
  label = "Loading",
}: {
  rows?: number | undefined;
  label?: string | undefined;
}) {
  return (
    <div role="status" aria-label={label} className={styles["rows"]}>
      {Array.from({ length: rows }, (_, row) => (
        <span key={row} className={styles["row"]}>
          <Skeleton width="36px" height="36px" />
          <span className={styles["lines"]}>
            <Skeleton width={`${28 + ((row * 17) % 24)}%`} height="12px" />
            <Skeleton width={`${52 + ((row * 29) % 36)}%`} height="12px" />
          </span>
        </span>
      ))}
    </div>
  );
}
