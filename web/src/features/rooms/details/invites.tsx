import { Copy, Link2, Trash2 } from "lucide-react";
import { useCallback, useState } from "react";
import type { Invite } from "@hubbub/client";
import { useClient } from "@hubbub/client/react";
import { Button, IconButton, SelectField, toast } from "../../../design/index.ts";
import { sayWhy } from "../refusal.ts";
import { usePaged } from "../use-paged.ts";
import { INVITES, msOf } from "./durations.ts";
import { invitationLink, usesLeft } from "./invitation.ts";
import { useAct } from "./use-act.ts";
import styles from "./room-details.module.css";

const WHEN = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });

const USES = [
  { value: "0", label: "Any number" },
  { value: "1", label: "1 person" },
  { value: "5", label: "5 people" },
  { value: "25", label: "25 people" },
  { value: "100", label: "100 people" },
] as const;

async function copy(invite: Invite) {
  const link = invitationLink(invite.code, location.href);
  try {
    await navigator.clipboard.writeText(link);
    toast({ tone: "good", title: "The link is copied", body: link });
  } catch {
    // Without the permission it can still be taken by hand.
    toast({ title: "Copy this link", body: link, lasts: null });
  }
}

function NewInvite({ roomId, onMade }: { roomId: string; onMade: (invite: Invite) => void }) {
  const client = useClient();
  const [lasting, setLasting] = useState("7d");
  const [uses, setUses] = useState<(typeof USES)[number]["value"]>("0");
  const { busy, problem, act } = useAct();
  const create = () =>
    act(async () => {
      const { invite } = await client.request("invite.create", {
        room: roomId,
        validSeconds: msOf(INVITES, lasting) / 1000,
        maxUses: Number(uses),
      });
      onMade(invite);
      await copy(invite);
    });
  return (
    <div className={styles["form"]}>
      <div className={styles["pair"]}>
        <SelectField label="Works for" value={lasting} options={INVITES} onChange={setLasting} />
        <SelectField label="Lets in" value={uses} options={USES} onChange={setUses} />
      </div>
      <Button icon={<Link2 />} busy={busy} onClick={() => void create()}>
        Create an invitation link
      </Button>
      {problem && (
        <p role="alert" className={styles["problem"]}>
          {problem}
        </p>
      )}
    </div>
  );
}

/** Links that let in whoever has them. */
export function Invites({ roomId }: { roomId: string }) {
  const client = useClient();
  const load = useCallback(
    async () => ({ items: (await client.request("invite.list", { room: roomId })).invites }),
    [client, roomId],
  );
  const { items, change, error } = usePaged<Invite>(load);

  const revoke = async ({ code }: Invite) => {
    try {
      await client.request("invite.revoke", { room: roomId, code });
      change((before) => before.filter((invite) => invite.code !== code));
    } catch (problem) {
      toast({ tone: "danger", title: "The link still works", body: sayWhy(problem) });
    }
  };

  return (
    <section className={styles["part"]}>
      <h3>Invitation links</h3>
      <NewInvite roomId={roomId} onMade={(invite) => change((before) => [invite, ...before])} />
      {Boolean(error) && <p className={styles["problem"]}>{sayWhy(error)}</p>}
      <ul className={styles["rows"]} aria-label="Invitation links">
        {items.map((invite) => (
          <li key={invite.code} className={styles["row"]}>
            <span className={styles["words"]}>
              <span className={styles["code"]}>{invite.code}</span>
              <span className={styles["quiet"]}>
                {usesLeft(invite)} · until {WHEN.format(invite.expiresAt)}
              </span>
            </span>
            <IconButton label={`Copy the link ${invite.code}`} size="small" bare onClick={() => void copy(invite)}>
              <Copy />
            </IconButton>
            <IconButton
              label={`Take the link ${invite.code} back`}
              size="small"
              tone="danger"
              bare
              onClick={() => void revoke(invite)}
            >
              <Trash2 />
            </IconButton>
          </li>
        ))}
      </ul>
    </section>
  );
}
