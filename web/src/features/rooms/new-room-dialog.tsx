import { useState, type FormEvent } from "react";
import { useLocation } from "wouter";
import { useStores } from "@hubbub/client/react";
import { Button, Dialog, Switch, TextField } from "../../design/index.ts";
import { fieldProblem, reasonOf, sayWhy } from "./refusal.ts";
import styles from "./form.module.css";

const PRIVATE_HINT = "Only those who are invited can see it and join.";

interface NewRoomDialogProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
}

interface Problems {
  name?: string | undefined;
  topic?: string | undefined;
  whole?: string | undefined;
}

function problemsOf(error: unknown): Problems {
  if (reasonOf(error) === "ROOM_EXISTS") return { name: "A room of this name is there already." };
  const name = fieldProblem(error, "name");
  const topic = fieldProblem(error, "topic");
  return name || topic ? { name, topic } : { whole: sayWhy(error) };
}

/** The form begins anew each time the dialog opens. */
function NewRoomForm({ onBusy, onDone }: { onBusy: (busy: boolean) => void; onDone: (room: string) => void }) {
  const { roomCommands } = useStores();
  const [name, setName] = useState("");
  const [topic, setTopic] = useState("");
  const [isPrivate, setPrivate] = useState(false);
  const [problems, setProblems] = useState<Problems>({});

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const called = name.trim().replace(/^#/u, "");
    if (!called) return setProblems({ name: "Give it a name." });
    onBusy(true);
    setProblems({});
    try {
      const about = topic.trim();
      const room = await roomCommands.create({ name: called, private: isPrivate, ...(about ? { topic: about } : {}) });
      onDone(room.id);
    } catch (error) {
      setProblems(problemsOf(error));
    } finally {
      onBusy(false);
    }
  };

  return (
    <form id="new-room" className={styles["form"]} onSubmit={(event) => void submit(event)}>
      <TextField
        label="Name"
        placeholder="tea-kitchen"
        autoComplete="off"
        maxLength={64}
        value={name}
        onChange={(event) => setName(event.target.value)}
        error={problems.name}
      />
      <TextField
        label="Topic"
        placeholder="What is it about? (optional)"
        autoComplete="off"
        maxLength={256}
        value={topic}
        onChange={(event) => setTopic(event.target.value)}
        error={problems.topic}
      />
      <Switch label="Private" hint={PRIVATE_HINT} checked={isPrivate} onChange={setPrivate} />
      {problems.whole && (
        <p role="alert" className={styles["problem"]}>
          {problems.whole}
        </p>
      )}
    </form>
  );
}

export function NewRoomDialog({ open, onOpenChange }: NewRoomDialogProps) {
  const [, navigate] = useLocation();
  const [busy, setBusy] = useState(false);
  const done = (room: string) => {
    onOpenChange(false);
    navigate(`/rooms/${room}`);
  };
  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      title="New room"
      description="A place for one subject, or for a few people."
      footer={
        <>
          <Button onClick={() => onOpenChange(false)}>Cancel</Button>
          <Button variant="primary" type="submit" form="new-room" busy={busy}>
            Create
          </Button>
        </>
      }
    >
      <NewRoomForm onBusy={setBusy} onDone={done} />
    </Dialog>
  );
}
