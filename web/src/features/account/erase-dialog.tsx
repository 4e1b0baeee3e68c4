import { useState, type FormEvent } from "react";
import { useClient, useMe } from "@hubbub/client/react";
import { Button, Dialog, TextField } from "../../design/index.ts";
import type { LeaveDialogProps } from "./deactivate-dialog.tsx";
import { leaveRefusal } from "./leave-refusal.ts";
import styles from "./leave-dialogs.module.css";

const ERASED = [
  "Your name, password, sessions and the addresses you came from",
  "The text of every message you wrote, in rooms, threads and direct conversations",
  "Your reactions, the titles of threads you began, and what you wrote in reports",
  "Your friends, requests, blocks, settings, status and places in rooms",
];
const STAYS = [
  "That there was a message at its place, by a “deleted user” and without its text",
  "What others wrote, also to you, and your rooms: another member becomes the owner. A private room that had only you ends",
  "Records of bans and of what moderators did: they hold a number in place of your name",
];

export function EraseDialog({ open, onOpenChange }: LeaveDialogProps) {
  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      title="Erase your account?"
      description="It happens at once here, and within minutes everywhere else. Nobody can undo it."
    >
      <EraseForm onCancel={() => onOpenChange(false)} />
    </Dialog>
  );
}

function EraseForm({ onCancel }: { onCancel: () => void }) {
  const client = useClient();
  const me = useMe();
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string>();
  const isNamed = name === me?.name;

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (busy || !isNamed) return;
    setBusy(true);
    setProblem(undefined);
    try {
      // The goodbye that follows ends the session of this page.
      await client.request("account.erase", { password });
    } catch (error) {
      setProblem(leaveRefusal(error));
    } finally {
      setBusy(false);
    }
  };

  return (
    <form className={styles["form"]} onSubmit={(event) => void submit(event)} noValidate>
      <Listing title="What is erased" entries={ERASED} />
      <Listing title="What stays" entries={STAYS} />
      <TextField
        label={`Type your name, ${me?.name ?? ""}`}
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        value={name}
        onChange={(event) => setName(event.target.value)}
      />
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
        <Button type="submit" variant="danger" busy={busy} disabled={!isNamed || !password}>
          Erase for ever
        </Button>
      </div>
    </form>
  );
}

function Listing({ title, entries }: { title: string; entries: readonly string[] }) {
  return (
    <div>
      <h3 className={styles["heading"]}>{title}</h3>
      <ul className={styles["entries"]}>
        {entries.map((entry) => (
          <li key={entry}>{entry}</li>
        ))}
      </ul>
    </div>
  );
}
