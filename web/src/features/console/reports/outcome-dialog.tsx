import { useState } from "react";
import { ConfirmDialog, TextArea } from "../../../design/index.ts";
import { letters } from "../acts/reason-field.tsx";

export type Closing = "resolved" | "dismissed";

const LONGEST = 1_000;

const WORDS: Readonly<Record<Closing, { title: string; description: string; confirm: string; hint: string }>> = {
  resolved: {
    title: "Resolve this report",
    description: "Something was done about it. The reporter is told that it was looked into.",
    confirm: "Resolve",
    hint: "What was done, for the other administrators: “warned, message deleted”.",
  },
  dismissed: {
    title: "Dismiss this report",
    description: "There is nothing to do about it. The reporter is told that it was looked into.",
    confirm: "Dismiss",
    hint: "Why, for the other administrators. May be left empty.",
  },
};

export interface OutcomeDialogProps {
  /** How it is closed; none: the dialog is not shown. */
  to: Closing | undefined;
  onClose: () => void;
  onConfirm: (to: Closing, outcome: string) => void;
}

export function OutcomeDialog({ to, onClose, onConfirm }: OutcomeDialogProps) {
  const [shown, setShown] = useState<Closing>(to ?? "resolved");
  const [outcome, setOutcome] = useState("");
  if (to && to !== shown) setShown(to);
  const words = WORDS[shown];
  const over = letters(outcome) - LONGEST;
  return (
    <ConfirmDialog
      open={!!to}
      onOpenChange={(open) => !open && onClose()}
      title={words.title}
      description={words.description}
      confirm={words.confirm}
      tone="plain"
      disabled={over > 0 || (shown === "resolved" && outcome.trim() === "")}
      onConfirm={() => onConfirm(shown, outcome.trim())}
    >
      <TextArea
        label="Outcome"
        rows={2}
        value={outcome}
        hint={words.hint}
        error={over > 0 ? `${over} characters too many` : undefined}
        onChange={(event) => setOutcome(event.target.value)}
      />
    </ConfirmDialog>
  );
}
