import { useSettings, useStores } from "@hubbub/client/react";
import { Skeleton } from "../../design/index.ts";
import { BlockedList } from "../people/blocked-list.tsx";
import { Choices } from "../people/choices.tsx";
import { NeedsConnection } from "../people/offline.tsx";
import styles from "./privacy-section.module.css";
import { Group } from "./section-parts.tsx";

const DIRECT_FROM = [
  { value: "friends", label: "Friends", hint: "Only people who are your friends" },
  { value: "shared", label: "Friends and people in my rooms", hint: "Also whoever shares a room with you" },
  { value: "anyone", label: "Anyone", hint: "Everyone with an account here, except those you block" },
] as const;

export function PrivacySection() {
  const settings = useSettings();
  const { people } = useStores();
  return (
    <>
      <Group title="Who may write to me directly">
        <div>
          {settings ? (
            <Choices
              legend="Who may write to me directly"
              hideLegend
              value={settings.directFrom}
              options={DIRECT_FROM}
              onChange={(directFrom) => void people.setDirectFrom(directFrom)}
            />
          ) : (
            <NeedsConnection what="Your settings" waiting={<Skeleton height="132px" />} />
          )}
        </div>
      </Group>
      <Group title="Blocked people">
        <div className={styles["people"]}>
          <BlockedList bare />
        </div>
      </Group>
    </>
  );
}
