import { Bell, MessagesSquare, Settings, Users } from "lucide-react";
import type { ReactNode } from "react";
import { Link, useRoute } from "wouter";
import { useFriends, useNotifications, useRooms } from "@hubbub/client/react";
import { Badge } from "../../design/index.ts";
import { attention } from "./place-name.ts";
import styles from "./tab-bar.module.css";

interface TabProps {
  to: string;
  label: string;
  icon: ReactNode;
  count?: number;
  counted?: string;
}

function Tab({ to, label, icon, count = 0, counted = "" }: TabProps) {
  const [isHere] = useRoute(to);
  return (
    <Link href={to} className={styles["tab"]} aria-current={isHere ? "page" : undefined}>
      <span className={styles["icon"]} aria-hidden>
        {icon}
      </span>
      {label}
      <span className={styles["badge"]}>
        <Badge count={count} tone="mention" label={counted} />
      </span>
    </Link>
  );
}

/** Where one goes with the thumb. */
export function TabBar() {
  const { forMe } = attention(useRooms());
  const { unread } = useNotifications();
  const { incoming } = useFriends();
  return (
    <nav className={styles["bar"]} aria-label="Places">
      <Tab to="/" label="Chats" icon={<MessagesSquare />} count={forMe} counted="unread messages for you" />
      <Tab to="/friends" label="Friends" icon={<Users />} count={incoming.length} counted="friend requests" />
      <Tab to="/notifications" label="Notifications" icon={<Bell />} count={unread} counted="unread" />
      <Tab to="/settings" label="Settings" icon={<Settings />} />
    </nav>
  );
}
