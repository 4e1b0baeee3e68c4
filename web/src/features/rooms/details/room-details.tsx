import { X } from "lucide-react";
import { useState } from "react";
import { useMe, useMembers, useReadable, useRoom } from "@hubbub/client/react";
import type { RoomSummary } from "@hubbub/client/store";
import { IconButton, SkeletonRows, Tabs } from "../../../design/index.ts";
import { AboutTab } from "./about-tab.tsx";
import { ManageTab } from "./manage-tab.tsx";
import { MembersTab } from "./members-tab.tsx";
import { powersOf } from "./powers.ts";
import styles from "./room-details.module.css";

export interface RoomDetailsProps {
  roomId: string;
  /** Without it there is no cross: the place it stands in closes it. */
  onClose?: (() => void) | undefined;
}

type Part = "about" | "members" | "manage";

function Parts({ room }: { room: RoomSummary }) {
  const [part, setPart] = useState<Part>("about");
  const members = useMembers(room.id);
  const me = useMe();
  const role = room.role ?? members.find(({ id }) => id === me?.id)?.role;
  const { moderates } = powersOf(room.kind, role);
  if (room.kind === "direct") return <AboutTab room={room} role={role} />;
  const items = [
    { value: "about" as const, label: "About", panel: <AboutTab room={room} role={role} /> },
    { value: "members" as const, label: "Members", panel: <MembersTab room={room} role={role} /> },
    ...(moderates ? [{ value: "manage" as const, label: "Manage", panel: <ManageTab room={room} role={role} /> }] : []),
  ];
  const shown = items.some(({ value }) => value === part) ? part : "about";
  return <Tabs label="Parts of the room" value={shown} onChange={setPart} items={items} className={styles["tabs"]} />;
}

/** Everything about a room except what is said in it. */
export function RoomDetails({ roomId, onClose }: RoomDetailsProps) {
  const room = useReadable(useRoom(roomId).summary);
  return (
    <section className={styles["panel"]} aria-label="Details of the room">
      <header className={styles["head"]}>
        <h2 className={styles["title"]}>{room?.kind === "direct" ? "Conversation" : "Room"}</h2>
        {onClose && (
          <IconButton label="Close details" size="small" onClick={onClose}>
            <X />
          </IconButton>
        )}
      </header>
      {room ? <Parts room={room} /> : <SkeletonRows rows={4} />}
    </section>
  );
}
