import { useState, type FormEvent } from "react";
import type { OwnPresence } from "@hubbub/client/store";
import { useOwnPresence, useStores } from "@hubbub/client/react";
import { Button, Dialog, SelectField, TextField, toast } from "../../design/index.ts";
import styles from "./forms.module.css";
import { DURATIONS, endOf, untilWords, type Duration } from "./presence-words.ts";
import { STATUSES } from "./statuses.ts";

const TEXT_MOST = 100;

/** One's own status: whether one is here, what one says about it, and how long that holds. */
export function StatusDialog({ open, onOpenChange }: { open: boolean; onOpenChange: (open: boolean) => void }) {
  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      title="Set your status"
      description="Friends and people in your rooms see it beside your name."
      size="small"
    >
      <StatusForm onDone={() => onOpenChange(false)} />
    </Dialog>
  );
}

function StatusForm({ onDone }: { onDone: () => void }) {
  const stores = useStores();
  const own = useOwnPresence();
  const [status, setStatus] = useState(own?.status ?? "online");
  const [text, setText] = useState(own?.text ?? "");
  const [duration, setDuration] = useState<Duration | "kept">(own?.until === undefined ? "always" : "kept");

  const set = (presence: OwnPresence) => {
    // Shown at once; a refusal takes it back and is told by itself.
    void stores.people.setPresence(presence);
    onDone();
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const words = text.trim();
    const until = duration === "kept" ? own?.until : endOf(duration, Date.now());
    set({ status, ...(words && { text: words }), ...(until !== undefined && { until }) });
  };
  const clear = () => {
    set({ status: "online" });
    toast({ title: "Your status is cleared" });
  };
  const kept =
    own?.until === undefined ? [] : [{ value: "kept" as const, label: sentence(untilWords(own.until, Date.now())) }];

  return (
    <form className={styles["form"]} onSubmit={submit}>
      <TextField
        label="What you are doing"
        placeholder="In a meeting"
        value={text}
        maxLength={TEXT_MOST}
        autoComplete="off"
        onChange={(event) => setText(event.target.value)}
      />
      <SelectField label="Shown as" value={status} options={STATUSES} onChange={setStatus} />
      <SelectField label="Clear it" value={duration} options={[...kept, ...DURATIONS]} onChange={setDuration} />
      <div className={styles["buttons"]}>
        <Button onClick={clear} disabled={!own || (own.status === "online" && !own.text)}>
          Clear status
        </Button>
        <Button type="submit" variant="primary">
          Save
        </Button>
      </div>
    </form>
  );
}

const sentence = (text: string) => (text[0] ?? "").toLocaleUpperCase() + text.slice(1);
