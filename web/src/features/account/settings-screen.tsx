import type { ComponentType, ReactNode } from "react";
import {
  Bell,
  ChevronRight,
  CircleUser,
  Keyboard,
  KeyRound,
  MonitorSmartphone,
  ShieldCheck,
  SunMoon,
} from "lucide-react";
import { Link, useLocation } from "wouter";
import { useReadable, useClient } from "@hubbub/client/react";
import { usePhone } from "../../app/use-media.ts";
import { Page, classes } from "../../design/index.ts";
import { OfflineNote } from "../people/offline.tsx";
import { AccountSection } from "./account-section.tsx";
import { AppearanceSection } from "./appearance-section.tsx";
import { KeyboardSection } from "./keyboard-section.tsx";
import { NotificationsSection } from "./notifications-section.tsx";
import { PrivacySection } from "./privacy-section.tsx";
import { ProfileSection } from "./profile-section.tsx";
import { SECTIONS, sectionIn, type SectionId } from "./sections.ts";
import { SessionsSection } from "./sessions-section.tsx";
import styles from "./settings-screen.module.css";

const CONTENTS: Record<SectionId, ComponentType> = {
  profile: ProfileSection,
  account: AccountSection,
  privacy: PrivacySection,
  sessions: SessionsSection,
  notifications: NotificationsSection,
  appearance: AppearanceSection,
  keyboard: KeyboardSection,
};

const ICONS: Record<SectionId, ReactNode> = {
  profile: <CircleUser />,
  account: <KeyRound />,
  privacy: <ShieldCheck />,
  sessions: <MonitorSmartphone />,
  notifications: <Bell />,
  appearance: <SunMoon />,
  keyboard: <Keyboard />,
};

/** One's own things. A phone shows the list of parts first, and each part as a page of its own. */
export function SettingsScreen() {
  const [path, navigate] = useLocation();
  const isPhone = usePhone();
  const named = sectionIn(path);
  const shown = named ?? (isPhone ? undefined : "profile");
  const label = SECTIONS.find((section) => section.id === shown)?.label;
  if (isPhone) {
    return shown ? (
      <Page title={label ?? "Settings"} onBack={() => navigate("/settings")}>
        <Content shown={shown} />
      </Page>
    ) : (
      <Page title="Settings">
        <Parts shown={undefined} />
      </Page>
    );
  }
  return (
    <Page title="Settings" subtitle={label} width="full">
      <div className={styles["split"]}>
        <div className={styles["parts"]}>
          <Parts shown={shown} />
        </div>
        {/* Scrolled by the keyboard too: a part may have nothing that takes the focus. */}
        <div className={styles["scroll"]} key={shown} tabIndex={0} role="region" aria-label={label}>
          <div className={styles["column"]}>{shown && <Content shown={shown} />}</div>
        </div>
      </div>
    </Page>
  );
}

function Content({ shown }: { shown: SectionId }) {
  const Part = CONTENTS[shown];
  return (
    <>
      <Part />
      <OfflineNote>
        Appearance and this browser’s notifications can be changed; everything else waits for the server.
      </OfflineNote>
    </>
  );
}

function Parts({ shown }: { shown: SectionId | undefined }) {
  return (
    <>
      <nav aria-label="Settings">
        <ul className={styles["list"]}>
          {SECTIONS.map(({ id, label }) => (
            <li key={id}>
              <Link
                href={`/settings/${id}`}
                className={classes(styles["part"], id === shown && styles["shown"])}
                aria-current={id === shown ? "page" : undefined}
              >
                {ICONS[id]}
                <span className={styles["label"]}>{label}</span>
                <ChevronRight className={styles["arrow"]} aria-hidden />
              </Link>
            </li>
          ))}
        </ul>
      </nav>
      <Version />
    </>
  );
}

function Version() {
  const server = useReadable(useClient().welcome)?.server;
  return server && <p className={styles["version"]}>Server version {server}</p>;
}
