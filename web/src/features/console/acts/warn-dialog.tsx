import { useState } from "react";
import { ConfirmDialog, toast } from "../../../design/index.ts";
import { useConsoleApi } from "../api.ts";
import { inWords } from "../problem.ts";
import type { ActDialogProps } from "./act-dialog.ts";
import { ReasonField, isReason } from "./reason-field.tsx";

export function WarnDialog({ person, open, onOpenChange, onDone }: ActDialogProps) {
  const api = useConsoleApi();
  const [reason, setReason] = useState("");
  const warn = async () => {
    await inWords(api.warn(person.id, reason.trim()));
    toast({ title: `${person.name} was warned`, tone: "good" });
    setReason("");
    onDone?.();
  };
  return (
    <ConfirmDialog
      open={open}
      onOpenChange={onOpenChange}
      title={`Warn ${person.name}`}
      description="They are told at once, or when they come back. Nothing is taken from them."
      confirm="Warn"
      tone="plain"
      disabled={!isReason(reason)}
      onConfirm={warn}
    >
      <ReasonField value={reason} hint="The person reads this." onChange={setReason} />
    </ConfirmDialog>
  );
}
