import { useState, useSyncExternalStore } from "react";
import { Play } from "lucide-react";
import { Button, Switch } from "../../design/index.ts";
import { noticeChoices } from "../notifications/notice-choices.ts";
import { playNotice } from "../notifications/sound.ts";
import { Group, Setting } from "./section-parts.tsx";

type Permission = NotificationPermission | "missing";

const permissionNow = (): Permission => ("Notification" in window ? Notification.permission : "missing");

const HINTS: Record<Permission, string> = {
  default:
    "Mentions, reactions, requests and direct messages, while this page is in the background. Your browser asks you first.",
  granted: "Mentions, reactions, requests and direct messages, while this page is in the background.",
  denied: "Your browser blocks them for this page. Allow notifications in its settings for this site, then come back.",
  missing: "This browser has no notifications for pages.",
};

/** What this browser tells. Nothing of it is asked for before someone switches it on. */
export function NotificationsSection() {
  const choices = useSyncExternalStore(noticeChoices.subscribe, noticeChoices.get);
  const [permission, setPermission] = useState(permissionNow);
  const isShown = choices.shown && permission === "granted";

  const show = async (wanted: boolean) => {
    if (!wanted) return noticeChoices.change({ shown: false });
    const given = permission === "default" ? await Notification.requestPermission() : permission;
    setPermission(given);
    noticeChoices.change({ shown: given === "granted" });
  };

  return (
    <Group title="In this browser">
      <Switch
        label="Notify me"
        hint={HINTS[permission]}
        checked={isShown}
        disabled={permission === "denied" || permission === "missing"}
        onChange={(wanted) => void show(wanted)}
      />
      <Switch
        label="Show what was written"
        hint="Otherwise a notification only says who it is from. Others may see your screen."
        checked={choices.withText}
        disabled={!isShown}
        onChange={(withText) => noticeChoices.change({ withText })}
      />
      <Switch
        label="Play a sound"
        hint="Two soft notes, while this page is in the background."
        checked={choices.sound}
        onChange={(sound) => noticeChoices.change({ sound })}
      />
      <Setting label="How it sounds">
        <Button size="small" icon={<Play />} onClick={playNotice}>
          Listen
        </Button>
      </Setting>
      <Setting
        label="Do not disturb"
        hint="While your status says so, nothing of this is shown or heard. What happened stands in your notifications all the same."
      />
    </Group>
  );
}
