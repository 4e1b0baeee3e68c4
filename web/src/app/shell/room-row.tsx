import { Hash, Lock } from "lucide-react";
import { Link, useLocation } from "wouter";
import { usePresence } from "@hubbub/client/react";
import type { RoomSummary } from "@hubbub/client/store";
import { Avatar, Badge } from "../../design/index.ts";
import { usePhone } from "../use-media.ts";
import styles from "./side-link.module.css";

function PeerFace({ id, name, size }: { id: string; name: string; size: "tiny" | "small" }) {
  const presence = usePresence(id);
  return <Avatar id={id} name={name} size={size} presence={presence?.status ?? "offline"} />;
}

export function RoomRow({ room }: { room: RoomSummary }) {
  const isPhone = usePhone();
  const [path] = useLocation();
  const isHere = path === `/rooms/${room.id}` || path.startsWith(`/rooms/${room.id}/`);
  const isDirect = room.kind === "direct";
  const forMe = isDirect ? room.unread : room.mentions;
  return (
    <Link
      href={`/rooms/${room.id}`}
      className={styles["link"]}
      aria-current={isHere ? "page" : undefined}
      data-unread={room.unread > 0 || undefined}
    >
      <span className={styles["icon"]}>
        {isDirect && <PeerFace id={room.peer ?? room.id} name={room.name} size={isPhone ? "small" : "tiny"} />}
        {room.kind === "channel" && <Hash aria-hidden />}
        {room.kind === "private" && <Lock aria-label="Private" />}
      </span>
      <span className={styles["label"]}>
        {room.name}
        {isPhone && room.preview && <span className={styles["preview"]}>{room.preview}</span>}
      </span>
      {forMe > 0 ? (
        <Badge count={forMe} tone="mention" label={isDirect ? "unread messages" : "mentions"} />
      ) : (
        <Badge count={room.unread} label="unread messages" />
      )}
    </Link>
  );
}
