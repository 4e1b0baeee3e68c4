import { Bell, Compass, Plus, Search, UserPlus, Users } from "lucide-react";
import type { ReactNode } from "react";
import { useLocation } from "wouter";
import { useFriends, useRooms } from "@hubbub/client/react";
import type { RoomSummary } from "@hubbub/client/store";
import { Badge, IconButton } from "../../design/index.ts";
import { NotificationsBadge } from "../../features/notifications/notifications-badge.tsx";
import { usePhone } from "../use-media.ts";
import { ConnectionNote } from "./connection-note.tsx";
import { useNewRoom } from "./new-room.tsx";
import { RoomRow } from "./room-row.tsx";
import { SideLink } from "./side-link.tsx";
import { UserMenu } from "./user-menu.tsx";
import styles from "./sidebar.module.css";

export const SWITCHER_KEYS = /Mac|iPhone|iPad/u.test(navigator.userAgent) ? "⌘K" : "Ctrl K";

function Places() {
  const { incoming } = useFriends();
  return (
    <ul className={styles["places"]}>
      <li>
        <SideLink to="/notifications" icon={<Bell />} label="Notifications">
          <NotificationsBadge />
        </SideLink>
      </li>
      <li>
        <SideLink to="/friends" icon={<Users />} label="Friends">
          <Badge count={incoming.length} tone="mention" label="friend requests" />
        </SideLink>
      </li>
      <li>
        <SideLink to="/rooms" icon={<Compass />} label="Browse rooms" />
      </li>
    </ul>
  );
}

interface SectionProps {
  title: string;
  rooms: readonly RoomSummary[];
  action: ReactNode;
  empty: string;
}

function Section({ title, rooms, action, empty }: SectionProps) {
  return (
    <section className={styles["section"]} aria-label={title}>
      <header className={styles["sectionHead"]}>
        <h2>{title}</h2>
        {action}
      </header>
      {rooms.length === 0 ? (
        <p className={styles["empty"]}>{empty}</p>
      ) : (
        <ul>
          {rooms.map((room) => (
            <li key={room.id}>
              <RoomRow room={room} />
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function Head({ onSearch }: { onSearch: () => void }) {
  const isPhone = usePhone();
  return (
    <>
      <header className={styles["head"]}>
        <img src="./icon.svg" alt="" width="24" height="24" />
        {isPhone ? (
          <h1 className={styles["brand"]} tabIndex={-1} data-page-title>
            Chats
          </h1>
        ) : (
          <span className={styles["brand"]}>Hubbub</span>
        )}
      </header>
      <button type="button" className={styles["search"]} onClick={onSearch}>
        <Search aria-hidden />
        <span>Search or jump to…</span>
        <kbd aria-hidden>{SWITCHER_KEYS}</kbd>
      </button>
    </>
  );
}

export function Sidebar({ onSearch }: { onSearch: () => void }) {
  const rooms = useRooms();
  const [, navigate] = useLocation();
  const newRoom = useNewRoom();
  const isPhone = usePhone();
  return (
    <div className={styles["sidebar"]}>
      <Head onSearch={onSearch} />
      <nav className={styles["nav"]} aria-label="Rooms and places">
        {!isPhone && <Places />}
        {isPhone && (
          <ul className={styles["places"]}>
            <li>
              <SideLink to="/rooms" icon={<Compass />} label="Browse rooms" />
            </li>
          </ul>
        )}
        <Section
          title="Rooms"
          rooms={rooms.filter(({ kind }) => kind !== "direct")}
          empty="You are in no room yet. Browse them, or make your own."
          action={
            <IconButton label="New room" size="small" onClick={newRoom} side="right">
              <Plus />
            </IconButton>
          }
        />
        <Section
          title="Direct messages"
          rooms={rooms.filter(({ kind }) => kind === "direct")}
          empty="Conversations with one person stand here."
          action={
            <IconButton label="Write to a person" size="small" onClick={() => navigate("/friends")} side="right">
              <UserPlus />
            </IconButton>
          }
        />
      </nav>
      {!isPhone && (
        <>
          <ConnectionNote />
          <UserMenu />
        </>
      )}
    </div>
  );
}
