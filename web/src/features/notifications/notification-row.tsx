import { AtSign, Bell, Check, Scale, SmilePlus, UserCheck, UserPlus, X } from "lucide-react";
import type { ReactNode } from "react";
import { Link } from "wouter";
import type { Notification } from "@hubbub/client/store";
import { useFriends, useStores } from "@hubbub/client/react";
import { Button, IconButton, classes } from "../../design/index.ts";
import { placeOf, sortOf, type Sort } from "./notification-place.ts";
import styles from "./notification-row.module.css";

const ICONS: Record<Sort, ReactNode> = {
  mention: <AtSign />,
  reaction: <SmilePlus />,
  request: <UserPlus />,
  friend: <UserCheck />,
  moderation: <Scale />,
  notice: <Bell />,
};

const clock = new Intl.DateTimeFormat(undefined, { hour: "numeric", minute: "2-digit" });

/** The server sends the first characters of a message. Where it cut is shown. */
const EXCERPT_CHARS = 140;
const excerpt = (text: string) => ([...text].length < EXCERPT_CHARS ? text : `${text.trimEnd()}…`);

export function NotificationRow({ item }: { item: Notification }) {
  const { people } = useStores();
  const place = placeOf(item);
  const sort = sortOf(item.kind);
  const read = () => {
    if (!item.read) void people.readNotifications([item.id]);
  };
  const content = (
    <>
      <span className={styles["title"]}>
        {!item.read && <span className="unseen">Unread: </span>}
        {item.title}
      </span>
      {item.body && (
        <span className={sort === "reaction" ? styles["emoji"] : styles["body"]}>{excerpt(item.body)}</span>
      )}
    </>
  );
  return (
    <li className={classes(styles["row"], !item.read && styles["unread"])} data-notification={item.id}>
      <span className={classes(styles["icon"], styles[sort])} aria-hidden>
        {ICONS[sort]}
      </span>
      <div className={styles["words"]}>
        {place ? (
          <Link href={place} className={styles["link"]} onClick={read}>
            {content}
          </Link>
        ) : (
          <p className={styles["text"]}>{content}</p>
        )}
        {sort === "request" && <Answer user={item.data["user"]} onAnswer={read} />}
      </div>
      <span className={styles["side"]}>
        <time dateTime={new Date(item.at).toISOString()} className={styles["time"]}>
          {clock.format(item.at)}
        </time>
        {!item.read && (
          <IconButton label="Mark as read" size="small" className={styles["mark"]} onClick={read}>
            <span className={styles["dot"]} />
          </IconButton>
        )}
      </span>
    </li>
  );
}

/** A request that still waits can be answered where it is read. */
function Answer({ user, onAnswer }: { user: unknown; onAnswer: () => void }) {
  const { people } = useStores();
  const waiting = useFriends().incoming.some((request) => request.user.id === user);
  if (!waiting || typeof user !== "string") return null;
  const answer = (accepts: boolean) => {
    void (accepts ? people.accept(user) : people.decline(user));
    onAnswer();
  };
  return (
    <span className={styles["answer"]}>
      <Button size="small" variant="primary" icon={<Check />} onClick={() => answer(true)}>
        Accept
      </Button>
      <Button size="small" icon={<X />} onClick={() => answer(false)}>
        Decline
      </Button>
    </span>
  );
}
