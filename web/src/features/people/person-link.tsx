import { useState, type ReactNode } from "react";
import type { Person } from "@hubbub/client/store";
import { Popover, classes } from "../../design/index.ts";
import { usePersonDialogs } from "./person-actions.tsx";
import styles from "./person-link.module.css";
import { ProfileCard } from "./profile-card.tsx";

export interface PersonLinkProps {
  person: Person;
  /** What is clicked; the name when it is left out. */
  children?: ReactNode;
  className?: string | undefined;
  /** The button's name, where its content is not the person's name: "Profile of Ada". */
  label?: string | undefined;
  /** For a second way to the same card, such as the face beside the name: the keyboard passes over it. */
  skipped?: boolean | undefined;
  side?: "top" | "right" | "bottom" | "left" | undefined;
}

/** A person's name that opens their card. Everything about the card is made when it is opened. */
export function PersonLink({ person, children, className, label, skipped, side = "bottom" }: PersonLinkProps) {
  const [open, setOpen] = useState(false);
  const { ask, dialog } = usePersonDialogs();
  return (
    <>
      <Popover
        open={open}
        onOpenChange={setOpen}
        label={`Profile of ${person.name}`}
        side={side}
        trigger={
          <button
            type="button"
            className={classes(styles["link"], children === undefined && styles["name"], className)}
            aria-label={label}
            tabIndex={skipped ? -1 : undefined}
          >
            {children ?? person.name}
          </button>
        }
      >
        <ProfileCard
          person={person}
          onDone={() => setOpen(false)}
          onAsk={(question, whom) => {
            setOpen(false);
            ask(question, whom);
          }}
        />
      </Popover>
      {dialog}
    </>
  );
}
