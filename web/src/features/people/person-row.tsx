import { Children, useRef, type KeyboardEvent, type ReactNode } from "react";
import type { Person } from "@hubbub/client/store";
import { Avatar, type Status } from "../../design/index.ts";
import { PersonLink } from "./person-link.tsx";
import styles from "./person-row.module.css";
import { useKeptFocus } from "./use-kept-focus.ts";

export interface PersonRowProps {
  person: Person;
  presence?: Status | undefined;
  /** The line under the name. */
  line?: ReactNode;
  /** What they wrote; shown in full below the line. */
  note?: string | undefined;
  /** Buttons. */
  children?: ReactNode;
}

/** A person in a list: face and name open their card, the buttons do what is done most. */
export function PersonRow({ person, presence, line, note, children }: PersonRowProps) {
  return (
    <li className={styles["row"]}>
      <PersonLink person={person} className={styles["person"]}>
        <Avatar name={person.name} id={person.id} presence={presence} />
        <span className={styles["words"]}>
          <span className={styles["name"]}>{person.name}</span>
          {line && <span className={styles["line"]}>{line}</span>}
          {note && <span className={styles["note"]}>{note}</span>}
        </span>
      </PersonLink>
      <span className={styles["deeds"]}>{children}</span>
    </li>
  );
}

/** Moves the focus between the rows of a list: to the same control of the next row, or to the row's first. */
function moveFocus(event: KeyboardEvent<HTMLUListElement>) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step === undefined || !(event.target instanceof HTMLElement) || event.target.ariaExpanded === "true") return;
  const rows = [...event.currentTarget.children];
  const row = event.target.closest("li");
  if (!row || row.parentElement !== event.currentTarget) return;
  const controls = (of: Element) => [...of.querySelectorAll<HTMLElement>("button:not(:disabled), a[href]")];
  const next = rows[rows.indexOf(row) + step];
  if (!next) return;
  const place = controls(row).indexOf(event.target);
  const goal = controls(next)[place] ?? controls(next)[0];
  if (!goal) return;
  event.preventDefault();
  goal.focus();
}

export function PersonList({ label, children }: { label: string; children: ReactNode }) {
  const list = useRef<HTMLUListElement>(null);
  const onFocus = useKeptFocus(list, Children.count(children));
  return (
    <ul ref={list} aria-label={label} className={styles["list"]} onKeyDown={moveFocus} onFocus={onFocus}>
      {children}
    </ul>
  );
}
