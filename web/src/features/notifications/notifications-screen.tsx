import { useState } from "react";
import { Bell, CheckCheck, Settings } from "lucide-react";
import { useLocation } from "wouter";
import { useNotifications, useStores } from "@hubbub/client/react";
import { Button, EmptyState, IconButton, Page, SkeletonRows } from "../../design/index.ts";
import { NeedsConnection, OfflineNote } from "../people/offline.tsx";
import { useNow } from "../people/use-now.ts";
import { byDay } from "./days.ts";
import { NotificationRow } from "./notification-row.tsx";
import styles from "./notifications-screen.module.css";

/** What happened to oneself: mentions, reactions, requests, and what became of reports. */
export function NotificationsScreen() {
  const { items, unread, loaded } = useNotifications();
  const { people } = useStores();
  const [, navigate] = useLocation();
  return (
    <Page
      title="Notifications"
      icon={<Bell />}
      actions={
        <>
          <Button
            size="small"
            variant="quiet"
            icon={<CheckCheck />}
            disabled={unread === 0}
            onClick={() => void people.readNotifications()}
          >
            Mark all as read
          </Button>
          <IconButton label="Notification settings" onClick={() => navigate("/settings/notifications")}>
            <Settings />
          </IconButton>
        </>
      }
    >
      {!loaded && <NeedsConnection what="Your notifications" waiting={<SkeletonRows rows={6} />} />}
      {loaded && items.length === 0 && (
        <EmptyState
          icon={<Bell />}
          title="All quiet"
          action={<Button onClick={() => navigate("/rooms")}>Browse rooms</Button>}
        >
          When someone mentions you, reacts to what you wrote, or wants to be friends, it stands here.
        </EmptyState>
      )}
      {loaded && items.length > 0 && <Feed />}
      <OfflineNote>You see what was known last; new ones appear when you are back.</OfflineNote>
    </Page>
  );
}

function Feed() {
  const { items, more } = useNotifications();
  const { people } = useStores();
  const now = useNow();
  const [busy, setBusy] = useState(false);
  const loadMore = async () => {
    setBusy(true);
    // What goes wrong is told by the connection's own note; the button stays for another try.
    await people.moreNotifications().catch(() => undefined);
    setBusy(false);
  };
  return (
    <>
      {byDay(items, now).map((day) => (
        <section key={day.key} className={styles["day"]} aria-label={day.title}>
          <h2 className={styles["heading"]}>{day.title}</h2>
          <ul>
            {day.items.map((item) => (
              <NotificationRow key={item.id} item={item} />
            ))}
          </ul>
        </section>
      ))}
      {more && (
        <p className={styles["more"]}>
          <Button busy={busy} onClick={() => void loadMore()}>
            Show older
          </Button>
        </p>
      )}
    </>
  );
}
