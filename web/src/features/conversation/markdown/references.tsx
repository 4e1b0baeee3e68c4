import { createContext, use } from "react";
import type { Person } from "@hubbub/client/store";
import { classes } from "../../../design/index.ts";
import { PersonLink } from "../../people/index.ts";
import styles from "./message-text.module.css";

/** What a text's `@name` and `#room` lead to; given by the conversation, so that texts need no store of their own. */
export interface References {
  /** The reader's own name: a mention of it stands out. */
  readonly me: string;
  readonly findPerson: (name: string) => Person | undefined;
  /** Whether there are people whose names are not loaded: then whoever is written like a person may be one. */
  readonly isIncomplete: boolean;
  readonly openRoom: (name: string) => void;
}

const NOWHERE: References = { me: "", findPerson: () => undefined, isIncomplete: true, openRoom: () => {} };

export const ReferencesContext = createContext<References>(NOWHERE);

export function Mention({ name }: { name: string }) {
  const { me, findPerson, isIncomplete } = use(ReferencesContext);
  const person = findPerson(name);
  const look = classes(styles["mention"], name.toLowerCase() === me.toLowerCase() && styles["me"]);
  if (person) {
    return (
      <PersonLink person={person} className={look}>
        @{name}
      </PersonLink>
    );
  }
  return isIncomplete ? <span className={look}>@{name}</span> : `@${name}`;
}

export function RoomReference({ name }: { name: string }) {
  const { openRoom } = use(ReferencesContext);
  return (
    <button type="button" className={styles["room"]} onClick={() => openRoom(name)}>
      #{name}
    </button>
  );
}
