import { useState } from "react";
import { ConfirmDialog, toast } from "../../../design/index.ts";
import { useConsoleApi } from "../api.ts";
import { inWords } from "../problem.ts";
import { untilWords } from "../time-words.ts";
import { MUTE_LONGEST_MS, MUTE_PRESETS, untilOf, type UntilChoice } from "../until.ts";
import { useNow } from "../use-now.ts";
import type { ActDialogProps } from "./act-dialog.ts";
import { ReasonField, isReason } from "./reason-field.tsx";
import { UntilField } from "./until-field.tsx";
import styles from "./acts.module.css";

export function MuteDialog({ person, open, onOpenChange, onDone }: ActDialogProps) {
  const api = useConsoleApi();
  const now = useNow();
  const [reason, setReason] = useState("");
  const [choice, setChoice] = useState<UntilChoice>({ preset: "1d", moment: "" });
  const read = (at: number) => untilOf(choice, MUTE_PRESETS, at, MUTE_LONGEST_MS);
  const { until, why } = read(now);

  const mute = async () => {
    // From the moment of the click: the dialog may have stood open for a while.
    const fresh = read(Date.now());
    if (fresh.until === undefined) throw new Error(fresh.why ?? "Choose how long");
    await inWords(api.mute(person.id, fresh.until, reason.trim()));
    toast({ title: `${person.name} is muted`, body: untilWords(fresh.until, Date.now()), tone: "good" });
    setReason("");
    onDone?.();
  };
  return (
    <ConfirmDialog
      open={open}
      onOpenChange={onOpenChange}
      title={`Mute ${person.name}`}
      description="They can read everything but write nothing, in any room or conversation."
      confirm="Mute"
      disabled={!isReason(reason) || until === undefined}
      onConfirm={mute}
    >
      <div className={styles["fields"]}>
        <UntilField label="For how long" presets={MUTE_PRESETS} choice={choice} why={why} onChange={setChoice} />
        <ReasonField value={reason} hint="The person reads this." onChange={setReason} />
      </div>
    </ConfirmDialog>
  );
}
