import { useState, type FormEvent } from "react";
import type { Person } from "@hubbub/client/store";
import { useClient } from "@hubbub/client/react";
import { Button, Dialog, TextArea, toast } from "../../design/index.ts";
import { Choices } from "./choices.tsx";
import { refusalWords } from "./refusal-words.ts";
import styles from "./forms.module.css";

const NOTE_MOST = 1_000;

const CATEGORIES = [
  { value: "spam", label: "Spam", hint: "Advertising, scams, the same thing again and again" },
  { value: "abuse", label: "Abuse", hint: "Insults, threats, harassment" },
  { value: "illegal", label: "Against the law", hint: "Content that may not be shared at all" },
  { value: "other", label: "Something else", hint: "Say what in the note" },
] as const;
type Category = (typeof CATEGORIES)[number]["value"];

export interface ReportDialogProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  /** A person, or one message of theirs. */
  about: { user: Person; message?: string };
}

export function ReportDialog({ open, onOpenChange, about }: ReportDialogProps) {
  const what = about.message === undefined ? about.user.name : `this message of ${about.user.name}`;
  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      title={`Report ${what}`}
      description="Only administrators see it, and you are told when they have looked at it. The person never learns who reported them."
    >
      <ReportForm about={about} onDone={() => onOpenChange(false)} />
    </Dialog>
  );
}

function ReportForm({ about, onDone }: { about: ReportDialogProps["about"]; onDone: () => void }) {
  const client = useClient();
  const [category, setCategory] = useState<Category>("spam");
  const [note, setNote] = useState("");
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string>();

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    setProblem(undefined);
    const words = note.trim();
    try {
      const { user, message } = about;
      const subject = message === undefined ? { user: user.id } : { message };
      const report = { ...subject, category, ...(words && { note: words }) };
      const { duplicate } = await client.request("mod.report", report);
      toast({ title: duplicate ? "You had reported this already" : "Reported. Thank you.", tone: "good" });
      onDone();
    } catch (error) {
      setProblem(refusalWords(error));
    } finally {
      setBusy(false);
    }
  };

  return (
    <form className={styles["form"]} onSubmit={(event) => void submit(event)}>
      <Choices legend="What is wrong" value={category} options={CATEGORIES} onChange={setCategory} />
      <TextArea
        label="Note (optional)"
        hint="What would help to judge it."
        error={problem}
        maxLength={NOTE_MOST}
        value={note}
        onChange={(event) => setNote(event.target.value)}
      />
      <div className={styles["buttons"]}>
        <Button onClick={onDone}>Cancel</Button>
        <Button type="submit" variant="danger" busy={busy}>
          Report
        </Button>
      </div>
    </form>
  );
}
