import { useState, type FormEvent } from "react";
import { AtSign } from "lucide-react";
import { useClient, useMe } from "@hubbub/client/react";
import { Button, Dialog, TextArea, TextField, toast } from "../../design/index.ts";
import { refusalWords } from "./refusal-words.ts";
import { nameProblem } from "./relation.ts";
import styles from "./forms.module.css";

const NOTE_MOST = 200;

export interface AddFriendDialogProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  /** Whom, when it is known already. */
  name?: string | undefined;
}

export function AddFriendDialog({ open, onOpenChange, name }: AddFriendDialogProps) {
  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      title={name ? `Add ${name} as a friend` : "Add a friend"}
      description="They are asked first. You can take the request back until they answer."
      size="small"
    >
      <AddFriendForm name={name} onDone={() => onOpenChange(false)} />
    </Dialog>
  );
}

/** Mounted with the dialog, so that it begins empty each time. */
function AddFriendForm({ name: given, onDone }: { name: string | undefined; onDone: () => void }) {
  const client = useClient();
  const me = useMe();
  const [name, setName] = useState(given ?? "");
  const [note, setNote] = useState("");
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string>();

  const left = NOTE_MOST - note.length;

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const whom = name.trim().replace(/^@/u, "");
    const isSelf = whom.toLowerCase() === me?.name.toLowerCase();
    const wrong = isSelf ? "That is you." : nameProblem(whom);
    if (busy || wrong) return setProblem(wrong);
    setBusy(true);
    const words = note.trim();
    try {
      // Asked directly, not through the store: a refusal belongs beside the field, and is told once.
      const { state, user } = await client.request("friend.request", {
        user: `@${whom}`,
        ...(words && { note: words }),
      });
      const isFriend = state === "friends";
      toast({ title: isFriend ? `You and ${user.name} are friends now` : `${user.name} was asked`, tone: "good" });
      onDone();
    } catch (error) {
      setProblem(refusalWords(error));
    } finally {
      setBusy(false);
    }
  };

  return (
    <form className={styles["form"]} onSubmit={(event) => void submit(event)} noValidate>
      {given === undefined && (
        <TextField
          label="Name"
          leading={<AtSign />}
          value={name}
          error={problem}
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          maxLength={33}
          onChange={(event) => {
            setName(event.target.value);
            setProblem(undefined);
          }}
        />
      )}
      <TextArea
        label="Note (optional)"
        hint={left < 50 ? `${left} characters left` : "How you know each other, for instance."}
        error={given === undefined ? undefined : problem}
        rows={2}
        maxLength={NOTE_MOST}
        value={note}
        onChange={(event) => setNote(event.target.value)}
      />
      <div className={styles["buttons"]}>
        <Button onClick={onDone}>Cancel</Button>
        <Button type="submit" variant="primary" busy={busy} disabled={name.trim() === ""}>
          Send request
        </Button>
      </div>
    </form>
  );
}
