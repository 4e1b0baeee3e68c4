import { useState } from "react";
import type { Person } from "@hubbub/client/store";
import { AddFriendDialog } from "./add-friend-dialog.tsx";
import { BlockDialog } from "./block-dialog.tsx";
import { RemoveFriendDialog } from "./remove-friend-dialog.tsx";
import { ReportDialog } from "./report-dialog.tsx";

/** What is asked about before it is done. */
export type Question = "add" | "remove" | "block" | "report";
export type Ask = (question: Question, person: Person) => void;

/**
 * The dialogs about a person. They stand beside the card or menu that opens them, not in it: that one closes when a
 * dialog takes the focus.
 */
export function usePersonDialogs() {
  const [asked, setAsked] = useState<{ question: Question; person: Person; open: boolean }>();
  const ask: Ask = (question, person) => setAsked({ question, person, open: true });
  const parts = {
    open: asked?.open ?? false,
    // It keeps its person while it fades out.
    onOpenChange: (open: boolean) => setAsked((before) => before && { ...before, open }),
  };
  const dialog = asked && (
    <>
      {asked.question === "add" && <AddFriendDialog {...parts} name={asked.person.name} />}
      {asked.question === "remove" && <RemoveFriendDialog {...parts} person={asked.person} />}
      {asked.question === "block" && <BlockDialog {...parts} person={asked.person} />}
      {asked.question === "report" && <ReportDialog {...parts} about={{ user: asked.person }} />}
    </>
  );
  return { ask, dialog };
}
