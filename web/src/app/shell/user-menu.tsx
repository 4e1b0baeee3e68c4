import { LogOut, Moon, Settings, ShieldCheck, Sun, SunMoon } from "lucide-react";
import { useState, useSyncExternalStore } from "react";
import { useLocation } from "wouter";
import { useConnection, useMe, useOwnPresence } from "@hubbub/client/react";
import { Avatar, Menu, MenuChoice, MenuItem, MenuSeparator, STATUS_NAMES } from "../../design/index.ts";
import { PresenceMenu } from "../../features/people/presence-menu.tsx";
import { StatusDialog } from "../../features/people/status-dialog.tsx";
import { session } from "../session.ts";
import { theme } from "../theme.ts";
import styles from "./user-menu.module.css";

const THEMES = [
  { value: "system", label: "As the system", icon: <SunMoon /> },
  { value: "light", label: "Light", icon: <Sun /> },
  { value: "dark", label: "Dark", icon: <Moon /> },
] as const;

export function UserMenu() {
  const me = useMe();
  const own = useOwnPresence();
  const [, navigate] = useLocation();
  const [writing, setWriting] = useState(false);
  const shade = useSyncExternalStore(theme.subscribe, theme.get);
  const { phase } = useConnection();
  const status = own?.status ?? "online";
  // What others see while one is not connected.
  const seen = phase === "online" ? status : "offline";
  if (!me) return null;

  const trigger = (
    <button type="button" className={styles["trigger"]}>
      <Avatar id={me.id} name={me.name} size="small" presence={seen} />
      <span className="unseen">Your menu</span>
      <span className={styles["words"]}>
        <span className={styles["name"]}>{me.name}</span>
        <span className={styles["status"]}>{(phase === "online" && own?.text) || STATUS_NAMES[seen]}</span>
      </span>
    </button>
  );
  return (
    <div className={styles["place"]}>
      <Menu trigger={trigger} side="top" align="start">
        <PresenceMenu onEditText={() => setWriting(true)} />
        <MenuSeparator />
        <MenuChoice label="Appearance" value={shade} options={THEMES} onChange={theme.set} />
        <MenuSeparator />
        <MenuItem icon={<Settings />} onSelect={() => navigate("/settings")}>
          Settings
        </MenuItem>
        {me.role === "ADMIN" && (
          <MenuItem icon={<ShieldCheck />} onSelect={() => navigate("/console")}>
            Console
          </MenuItem>
        )}
        <MenuItem icon={<LogOut />} onSelect={() => void session.logOut()}>
          Log out
        </MenuItem>
      </Menu>
      <StatusDialog open={writing} onOpenChange={setWriting} />
    </div>
  );
}
