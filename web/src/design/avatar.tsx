import { classes } from "./classes.ts";
import styles from "./avatar.module.css";
import { PresenceDot, type Status } from "./presence-dot.tsx";

export interface AvatarProps {
  name: string;
  /** What the colour is made from: the id, so that it outlives a new name. Otherwise the name. */
  id?: string | undefined;
  size?: "tiny" | "small" | "medium" | "large" | undefined;
  presence?: Status | undefined;
}

const HUES = 8;

/** The same person has the same colour everywhere. */
export function hueOf(text: string): number {
  let hash = 7;
  for (const letter of text) hash = (hash * 31 + (letter.codePointAt(0) ?? 0)) >>> 0;
  return (hash % HUES) + 1;
}

/** At most two letters: those the name's first two words begin with. */
export function initialsOf(name: string): string {
  const words = name.split(/[\s._-]+/u).filter(Boolean);
  const letters = words.slice(0, 2).map((word) => [...word][0] ?? "");
  return letters.join("").toLocaleUpperCase();
}

/** Decoration beside a name: it says nothing to a screen reader, except the presence. */
export function Avatar({ name, id, size = "medium", presence }: AvatarProps) {
  return (
    <span className={classes(styles["avatar"], styles[size])}>
      <span aria-hidden className={styles["face"]} style={{ backgroundColor: `var(--person-${hueOf(id ?? name)})` }}>
        {initialsOf(name)}
      </span>
      {presence && (
        <span className={styles["presence"]}>
          <PresenceDot status={presence} />
        </span>
      )}
    </span>
  );
}
