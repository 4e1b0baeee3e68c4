import { LogOut } from "lucide-react";
import { useState } from "react";
import { Link, useLocation } from "wouter";
import type { RoomRole } from "@hubbub/client";
import { usePins, usePresence, useStores } from "@hubbub/client/react";
import type { RoomSummary } from "@hubbub/client/store";
import { roomTitle } from "../../../app/shell/place-name.ts";
import { Avatar, Button, ConfirmDialog, STATUS_NAMES, Tag } from "../../../design/index.ts";
import { PersonLink } from "../../people/person-link.tsx";
import { ROLE_NAMES } from "./powers.ts";
import { SLOW_MODES, withPresent } from "./durations.ts";
import styles from "./room-details.module.css";

const NUMBER = new Intl.NumberFormat();

function Peer({ id, name }: { id: string; name: string }) {
  const presence = usePresence(id);
  const status = presence?.status ?? "offline";
  return (
    <div className={styles["row"]}>
      <Avatar id={id} name={name} presence={status} />
      <span className={styles["words"]}>
        <PersonLink person={{ id, name }} className={styles["who"]} side="left" />
        <span className={styles["quiet"]}>{presence?.text || STATUS_NAMES[status]}</span>
      </span>
    </div>
  );
}

function Pins({ roomId }: { roomId: string }) {
  const pins = usePins(roomId);
  if (pins.length === 0) return null;
  return (
    <section className={styles["part"]}>
      <h3>Pinned messages</h3>
      {pins.map((message) => (
        <Link key={message.message} href={`/rooms/${roomId}/m/${message.message}`} className={styles["pin"]}>
          <strong>{message.author.name}</strong>
          <p>{message.body}</p>
        </Link>
      ))}
    </section>
  );
}

function Leave({ room, role }: { room: RoomSummary; role: RoomRole | undefined }) {
  const { roomCommands } = useStores();
  const [, navigate] = useLocation();
  const [asking, setAsking] = useState(false);
  const back = room.kind === "private" ? "You need a new invitation to come back." : "You can join again at any time.";
  const owner = role === "owner" ? " You are its owner: if nobody else is, another member becomes the owner." : "";
  return (
    <>
      <Button icon={<LogOut />} onClick={() => setAsking(true)} full>
        Leave room
      </Button>
      <ConfirmDialog
        open={asking}
        onOpenChange={setAsking}
        title={`Leave ${room.name}?`}
        description={back + owner}
        confirm="Leave"
        onConfirm={async () => {
          await roomCommands.leave(room.id);
          navigate("/rooms");
        }}
      />
    </>
  );
}

interface AboutTabProps {
  room: RoomSummary;
  role: RoomRole | undefined;
}

export function AboutTab({ room, role }: AboutTabProps) {
  if (room.kind === "direct") {
    return (
      <div className={styles["tab"]}>
        <Peer id={room.peer ?? room.id} name={room.name} />
        <Pins roomId={room.id} />
      </div>
    );
  }
  const slow = withPresent(SLOW_MODES, room.slowModeMs).find(({ ms }) => ms === room.slowModeMs);
  return (
    <div className={styles["tab"]}>
      <section className={styles["part"]}>
        <p className={styles["name"]}>{roomTitle(room)}</p>
        <p className={styles["text"]}>{room.topic || "Nobody has written what it is about."}</p>
        {room.kind === "private" && (
          <span>
            <Tag>Private</Tag>
          </span>
        )}
      </section>
      <dl className={styles["facts"]}>
        {room.members !== undefined && (
          <>
            <dt>Members</dt>
            <dd>{NUMBER.format(room.members)}</dd>
          </>
        )}
        {role && (
          <>
            <dt>You are</dt>
            <dd>{ROLE_NAMES[role]}</dd>
          </>
        )}
        {room.slowModeMs > 0 && (
          <>
            <dt>Slow mode</dt>
            <dd>{slow?.label}</dd>
          </>
        )}
      </dl>
      <Pins roomId={room.id} />
      <Leave room={room} role={role} />
    </div>
  );
}
