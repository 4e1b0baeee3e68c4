import { Hash, Lock, Users } from "lucide-react";
import { useState } from "react";
import { Link, useLocation } from "wouter";
import type { Room } from "@hubbub/client";
import { useRooms, useStores } from "@hubbub/client/react";
import { Button, Tag, toast } from "../../design/index.ts";
import { sayWhy } from "./refusal.ts";
import styles from "./browse-screen.module.css";

const NUMBER = new Intl.NumberFormat();

export function BrowseRow({ room }: { room: Room }) {
  const { roomCommands } = useStores();
  const [, navigate] = useLocation();
  const [busy, setBusy] = useState(false);
  const isMine = useRooms().some(({ id }) => id === room.id) || room.joined;

  const join = async () => {
    setBusy(true);
    try {
      const { room: joined } = await roomCommands.join(room.id);
      navigate(`/rooms/${joined.id}`);
    } catch (error) {
      toast({ tone: "danger", title: `You could not join ${room.name}`, body: sayWhy(error) });
      setBusy(false);
    }
  };

  return (
    <li className={styles["row"]}>
      <span className={styles["icon"]}>
        {room.kind === "private" ? <Lock aria-label="Private" /> : <Hash aria-hidden />}
      </span>
      <div className={styles["words"]}>
        <p className={styles["title"]}>
          {isMine ? <Link href={`/rooms/${room.id}`}>{room.name}</Link> : <span>{room.name}</span>}
          {isMine && <Tag tone="accent">Joined</Tag>}
        </p>
        <p className={styles["topic"]}>
          <span className={styles["members"]}>
            <Users aria-hidden />
            {NUMBER.format(room.members)}
            <span className="unseen">{room.members === 1 ? " member" : " members"}</span>
          </span>
          {room.topic && <span className={styles["about"]}>{room.topic}</span>}
        </p>
      </div>
      {isMine ? (
        <Button
          size="small"
          variant="quiet"
          aria-label={`Open ${room.name}`}
          onClick={() => navigate(`/rooms/${room.id}`)}
        >
          Open
        </Button>
      ) : (
        <Button size="small" busy={busy} aria-describedby={`join-${room.id}`} onClick={() => void join()}>
          Join room
          <span id={`join-${room.id}`} hidden>
            {room.name}
          </span>
        </Button>
      )}
    </li>
  );
}
