import type { Person } from "@hubbub/client/store";
import { PersonLink } from "../../people/index.ts";
import styles from "./author.module.css";

/** Who wrote it; opens their card. */
export function Author({ person }: { person: Person }) {
  return <PersonLink person={person} className={styles["author"]} side="right" />;
}
