import { useState } from "react";
import { useMe, useOwnPresence } from "@hubbub/client/react";
import { Avatar, Button, STATUS_NAMES } from "../../design/index.ts";
import { ownLine, untilWords } from "../people/presence-words.ts";
import { StatusDialog } from "../people/status-dialog.tsx";
import { useNow } from "../people/use-now.ts";
import { NameForm } from "./name-form.tsx";
import styles from "./profile-section.module.css";
import { Group, Setting } from "./section-parts.tsx";

export function ProfileSection() {
  const me = useMe();
  const own = useOwnPresence();
  const now = useNow();
  const [asking, setAsking] = useState(false);
  const status = own?.status ?? "online";
  const state =
    own?.until && own.until > now ? `${STATUS_NAMES[status]}, ${untilWords(own.until, now)}` : STATUS_NAMES[status];
  if (!me) return null;
  return (
    <>
      <Group title="You">
        <div className={styles["you"]}>
          <Avatar name={me.name} id={me.id} size="large" presence={status} />
          <div className={styles["words"]}>
            <p className={styles["name"]}>{me.name}</p>
            <p className={styles["line"]}>{me.role === "ADMIN" ? "Administrator" : "Member"}</p>
          </div>
        </div>
        <Setting label={ownLine(own, now)} hint={own?.text ? state : "Say what you are doing, and for how long."}>
          <Button onClick={() => setAsking(true)}>Set status</Button>
        </Setting>
        <NameForm />
      </Group>
      <StatusDialog open={asking} onOpenChange={setAsking} />
    </>
  );
}
