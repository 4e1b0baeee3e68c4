import { useState, type FormEvent } from "react";
import { useClient } from "@hubbub/client/react";
import { Button, Dialog, TextField } from "../../design/index.ts";
import { leaveRefusal } from "./leave-refusal.ts";
import styles from "./leave-dialogs.module.css";

export interface LeaveDialogProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
}

export function DeactivateDialog({ open, onOpenChange }: LeaveDialogProps) {
  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      title="Deactivate your account?"
      description="All your sessions end now, and your account is hidden. Your messages, rooms and friends stay as they are. Log in again whenever you want to be back."
      size="small"
    >
      <DeactivateForm onCancel={() => onOpenChange(false)} />
    </Dialog>
  );
}

function DeactivateForm({ onCancel }: { onCancel: () => void }) {
  const client = useClient();
  const [password, setPassword] = useState("");
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string>();
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    setProblem(undefined);
    try {
      // The goodbye that follows ends the session of this page.
      await client.request("account.deactivate", { password });
    } catch (error) {
      setProblem(leaveRefusal(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <form className={styles["form"]} onSubmit={(event) => void submit(event)} noValidate>
      <TextField
        label="Password"
        type="password"
        autoComplete="current-password"
        value={password}
        error={problem}
        onChange={(event) => setPassword(event.target.value)}
      />
      <div className={styles["buttons"]}>
        <Button onClick={onCancel}>Cancel</Button>
        <Button type="submit" variant="danger" busy={busy} disabled={!password}>
          Deactivate
        </Button>
      </div>
    </form>
  );
}
