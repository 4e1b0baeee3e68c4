import { useCallback, useState } from "react";
import type { Restriction } from "@hubbub/client";
import { useClient } from "@hubbub/client/react";
import { Avatar, Button, Tag, toast } from "../../../design/index.ts";
import { sayWhy } from "../refusal.ts";
import { usePaged } from "../use-paged.ts";
import styles from "./room-details.module.css";

const WHEN = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });

function Row({ restriction, onLift }: { restriction: Restriction; onLift: () => Promise<void> }) {
  const { user, kind, reason, until } = restriction;
  const [busy, setBusy] = useState(false);
  const end = until ? `until ${WHEN.format(until)}` : "for good";
  return (
    <li className={styles["row"]}>
      <Avatar id={user.id} name={user.name} size="small" />
      <span className={styles["words"]}>
        <span className={styles["who"]}>
          {user.name} <Tag tone={kind === "ban" ? "danger" : "warn"}>{kind === "ban" ? "Banned" : "Muted"}</Tag>
        </span>
        <span className={styles["quiet"]}>{reason ? `${end} · ${reason}` : end}</span>
      </span>
      <Button
        size="small"
        busy={busy}
        aria-label={`${kind === "ban" ? "Unban" : "Unmute"} ${user.name}`}
        onClick={() => {
          setBusy(true);
          void onLift().finally(() => setBusy(false));
        }}
      >
        {kind === "ban" ? "Unban" : "Unmute"}
      </Button>
    </li>
  );
}

/** Who may not come in, and who may not speak. */
export function Restrictions({ roomId }: { roomId: string }) {
  const client = useClient();
  const load = useCallback(
    async (page: string | undefined) => {
      const answer = await client.request("room.bans", { room: roomId, ...(page ? { page } : {}) });
      return { items: answer.restrictions, next: answer.next };
    },
    [client, roomId],
  );
  const list = usePaged(load);

  const lift = async (one: Restriction) => {
    const what = one.kind === "ban" ? "room.unban" : "mod.unmute";
    try {
      await client.request(what, { room: roomId, user: one.user.id });
      list.change((before) => before.filter((other) => other !== one));
    } catch (error) {
      toast({ tone: "danger", title: `It holds on for ${one.user.name}`, body: sayWhy(error) });
    }
  };

  return (
    <section className={styles["part"]}>
      <h3>Banned and muted</h3>
      {Boolean(list.error) && <p className={styles["problem"]}>{sayWhy(list.error)}</p>}
      {!list.loading && !list.error && list.items.length === 0 && <p className={styles["quiet"]}>Nobody.</p>}
      <ul className={styles["rows"]} aria-label="Banned and muted">
        {list.items.map((one) => (
          <Row key={`${one.kind}-${one.user.id}`} restriction={one} onLift={() => lift(one)} />
        ))}
      </ul>
      {list.more && (
        <Button className={styles["more"]} size="small" busy={list.loading} onClick={list.loadMore}>
          Show more
        </Button>
      )}
    </section>
  );
}
