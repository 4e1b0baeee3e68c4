import { Trash2 } from "lucide-react";
import { useEffect, useState, type FormEvent } from "react";
import { useLocation } from "wouter";
import type { RoomRole } from "@hubbub/client";
import { useClient } from "@hubbub/client/react";
import type { RoomSummary } from "@hubbub/client/store";
import { Button, ConfirmDialog, SelectField, TextArea, TextField, toast } from "../../../design/index.ts";
import { reasonOf, sayWhy } from "../refusal.ts";
import { SLOW_MODES, msOf, withPresent } from "./durations.ts";
import { Invites } from "./invites.tsx";
import { Restrictions } from "./restrictions.tsx";
import { powersOf } from "./powers.ts";
import { useAct } from "./use-act.ts";
import styles from "./room-details.module.css";

interface ManageTabProps {
  room: RoomSummary;
  role: RoomRole | undefined;
}

/** What one has written about the room, and what of it is new. */
function useDraft(room: RoomSummary, owns: boolean) {
  const slowModes = withPresent(SLOW_MODES, room.slowModeMs);
  const present = slowModes.find(({ ms }) => ms === room.slowModeMs)?.value ?? "0";
  const [name, setName] = useState(room.name);
  const [topic, setTopic] = useState(room.topic);
  const [slow, setSlow] = useState(present);
  // What others change meanwhile is shown; only what one is typing at the moment is lost to that.
  useEffect(() => setName(room.name), [room.name]);
  useEffect(() => setTopic(room.topic), [room.topic]);
  useEffect(() => setSlow(present), [present]);

  const changes = {
    ...(owns && name.trim() !== room.name ? { name: name.trim() } : {}),
    ...(topic.trim() !== room.topic ? { topic: topic.trim() } : {}),
    ...(slow === present ? {} : { slowModeMs: msOf(slowModes, slow) }),
  };
  return { name, setName, topic, setTopic, slow, setSlow, slowModes, changes };
}

function Settings({ room, owns }: { room: RoomSummary; owns: boolean }) {
  const client = useClient();
  const { name, setName, topic, setTopic, slow, setSlow, slowModes, changes } = useDraft(room, owns);
  const { busy, problem, act } = useAct();
  const isChanged = Object.keys(changes).length > 0;

  const save = async (event: FormEvent) => {
    event.preventDefault();
    const done = await act(async () => {
      try {
        await client.request("room.update", { room: room.id, ...changes });
      } catch (error) {
        throw reasonOf(error) === "ROOM_EXISTS" ? new Error("A room of this name is there already") : error;
      }
    });
    if (done) toast({ tone: "good", title: "The room was changed" });
  };

  return (
    <form className={styles["form"]} onSubmit={(event) => void save(event)}>
      <TextField
        label="Name"
        maxLength={64}
        disabled={!owns}
        hint={owns ? undefined : "Only the owner gives it another name."}
        value={name}
        onChange={(event) => setName(event.target.value)}
      />
      <TextArea
        label="Topic"
        rows={2}
        maxLength={256}
        value={topic}
        onChange={(event) => setTopic(event.target.value)}
      />
      <SelectField
        label="Slow mode"
        hint="How often each member may write. Moderators are free of it."
        value={slow}
        options={slowModes}
        onChange={setSlow}
      />
      {problem && (
        <p role="alert" className={styles["problem"]}>
          {problem}
        </p>
      )}
      <Button type="submit" variant="primary" busy={busy} disabled={!isChanged}>
        Save changes
      </Button>
    </form>
  );
}

function Delete({ room }: { room: RoomSummary }) {
  const client = useClient();
  const [, navigate] = useLocation();
  const [asking, setAsking] = useState(false);
  const [typed, setTyped] = useState("");
  return (
    <section className={styles["part"]}>
      <h3>Delete the room</h3>
      <p className={styles["text"]}>Everything said in it is gone for everyone, for good.</p>
      <Button
        icon={<Trash2 />}
        onClick={() => {
          setTyped("");
          setAsking(true);
        }}
      >
        Delete room…
      </Button>
      <ConfirmDialog
        open={asking}
        onOpenChange={setAsking}
        title={`Delete ${room.name} for everyone?`}
        description="This cannot be taken back."
        confirm="Delete for good"
        disabled={typed.trim() !== room.name}
        onConfirm={async () => {
          try {
            await client.request("room.delete", { room: room.id });
          } catch (error) {
            throw new Error(sayWhy(error), { cause: error });
          }
          navigate("/rooms");
        }}
      >
        <TextField
          label={`Write “${room.name}” to confirm`}
          autoComplete="off"
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
        />
      </ConfirmDialog>
    </section>
  );
}

export function ManageTab({ room, role }: ManageTabProps) {
  const { owns } = powersOf(room.kind, role);
  return (
    <div className={styles["tab"]}>
      <Settings room={room} owns={owns} />
      <Invites roomId={room.id} />
      <Restrictions roomId={room.id} />
      {owns && <Delete room={room} />}
    </div>
  );
}
