import { useState } from "react";
import type { HubbubClient, Member } from "@hubbub/client";
import { useClient } from "@hubbub/client/react";
import type { RoomSummary } from "@hubbub/client/store";
import { ConfirmDialog, SelectField, TextField, toast } from "../../../design/index.ts";
import { sayWhy } from "../refusal.ts";
import { BANS, MUTES, msOf, type Duration } from "./durations.ts";
import type { Act } from "./member-acts.tsx";
import styles from "./room-details.module.css";

interface Deed {
  room: string;
  user: string;
  reason: string;
  ms: number;
}

interface Question {
  title: (name: string, room: string) => string;
  text: string;
  confirm: string;
  done: (name: string) => string;
  tone: "plain" | "danger";
  asksReason: boolean;
  lasts?: readonly Duration[];
  run: (client: HubbubClient, deed: Deed) => Promise<unknown>;
}

const because = (reason: string) => (reason ? { reason } : {});

const QUESTIONS: Readonly<Record<Act, Question>> = {
  promote: {
    title: (name) => `Make ${name} a moderator?`,
    text: "Moderators change the topic, invite, mute, kick and ban, and delete what others wrote.",
    confirm: "Make a moderator",
    done: (name) => `${name} is a moderator now`,
    tone: "plain",
    asksReason: false,
    run: (client, { room, user }) => client.request("room.role", { room, user, role: "moderator" }),
  },
  demote: {
    title: (name) => `Make ${name} a plain member?`,
    text: "They keep their place in the room and can no longer moderate.",
    confirm: "Make a plain member",
    done: (name) => `${name} is a plain member now`,
    tone: "plain",
    asksReason: false,
    run: (client, { room, user }) => client.request("room.role", { room, user, role: "member" }),
  },
  transfer: {
    title: (name) => `Hand the room over to ${name}?`,
    text: "They become its owner, and you are no longer. Only they could hand it back.",
    confirm: "Hand over",
    done: (name) => `The room is ${name}’s now`,
    tone: "danger",
    asksReason: false,
    run: (client, { room, user }) => client.request("room.transfer", { room, user }),
  },
  mute: {
    title: (name) => `Mute ${name}?`,
    text: "They can read, and neither write nor react until the time is over.",
    confirm: "Mute",
    done: (name) => `${name} is muted`,
    tone: "danger",
    asksReason: true,
    lasts: MUTES,
    run: (client, { room, user, reason, ms }) =>
      client.request("mod.mute", { room, user, until: Date.now() + ms, ...because(reason) }),
  },
  kick: {
    title: (name, room) => `Kick ${name} out of ${room}?`,
    text: "They leave the room at once, and can come back the way they came.",
    confirm: "Kick",
    done: (name) => `${name} was kicked`,
    tone: "danger",
    asksReason: true,
    run: (client, { room, user, reason }) => client.request("mod.kick", { room, user, ...because(reason) }),
  },
  ban: {
    title: (name, room) => `Ban ${name} from ${room}?`,
    text: "They leave the room at once and cannot come back until the ban ends or is lifted.",
    confirm: "Ban",
    done: (name) => `${name} is banned`,
    tone: "danger",
    asksReason: true,
    lasts: BANS,
    run: (client, { room, user, reason, ms }) =>
      client.request("room.ban", { room, user, ...because(reason), ...(ms > 0 ? { until: Date.now() + ms } : {}) }),
  },
};

interface MemberDialogProps {
  room: RoomSummary;
  member: Member;
  act: Act;
  open: boolean;
  onOpenChange: (open: boolean) => void;
}

export function MemberDialog({ room, member, act, open, onOpenChange }: MemberDialogProps) {
  const client = useClient();
  const question = QUESTIONS[act];
  const [reason, setReason] = useState("");
  const [lasting, setLasting] = useState(question.lasts?.[0]?.value ?? "");

  const confirm = async () => {
    const ms = msOf(question.lasts ?? [], lasting);
    try {
      await question.run(client, { room: room.id, user: member.id, reason: reason.trim(), ms });
    } catch (error) {
      throw new Error(sayWhy(error), { cause: error });
    }
    toast({ tone: "good", title: question.done(member.name) });
  };

  return (
    <ConfirmDialog
      open={open}
      onOpenChange={onOpenChange}
      title={question.title(member.name, room.name)}
      description={question.text}
      confirm={question.confirm}
      tone={question.tone}
      onConfirm={confirm}
    >
      {(question.lasts || question.asksReason) && (
        <div className={styles["form"]}>
          {question.lasts && (
            <SelectField label="For how long" value={lasting} options={question.lasts} onChange={setLasting} />
          )}
          {question.asksReason && (
            <TextField
              label="Reason"
              placeholder="They are told (optional)"
              maxLength={500}
              value={reason}
              onChange={(event) => setReason(event.target.value)}
            />
          )}
        </div>
      )}
    </ConfirmDialog>
  );
}
