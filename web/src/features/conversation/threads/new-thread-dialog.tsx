import { useState, type FormEvent } from "react";
import { useClient } from "@hubbub/client/react";
import { Button, Dialog, TextField } from "../../../design/index.ts";

interface NewThreadDialogProps {
  room: string;
  isOpen: boolean;
  onOpenChange: (isOpen: boolean) => void;
  onCreated: (thread: string) => void;
}

const TITLE_MOST = 100;

/** Asks what a thread is about, and opens it. */
export function NewThreadDialog({ room, isOpen, onOpenChange, onCreated }: NewThreadDialogProps) {
  const client = useClient();
  const [title, setTitle] = useState("");
  const [problem, setProblem] = useState<string>();
  const [isBusy, setBusy] = useState(false);
  const create = async (event: FormEvent) => {
    event.preventDefault();
    if (!title.trim() || isBusy) return;
    setBusy(true);
    setProblem(undefined);
    try {
      const { thread } = await client.request("thread.create", { room, title: title.trim() });
      setTitle("");
      onOpenChange(false);
      onCreated(thread.id);
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <Dialog
      open={isOpen}
      onOpenChange={onOpenChange}
      title="New thread"
      description="One topic, beside the conversation."
      size="small"
      footer={
        <>
          <Button onClick={() => onOpenChange(false)}>Cancel</Button>
          <Button variant="primary" type="submit" form="new-thread" busy={isBusy} disabled={!title.trim()}>
            Create
          </Button>
        </>
      }
    >
      <form id="new-thread" onSubmit={(event) => void create(event)}>
        <TextField
          label="Title"
          value={title}
          error={problem}
          maxLength={TITLE_MOST}
          autoComplete="off"
          onChange={(event) => setTitle(event.target.value)}
        />
      </form>
    </Dialog>
  );
}
