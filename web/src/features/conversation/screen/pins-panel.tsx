import { Pin } from "lucide-react";
import { usePins } from "@hubbub/client/react";
import type { RoomSummary } from "@hubbub/client/store";
import { EmptyState } from "../../../design/index.ts";
import { FoundMessage } from "../search/found-message.tsx";
import styles from "./pins-panel.module.css";
import { SidePanel } from "./side-panel.tsx";

interface PinsPanelProps {
  summary: RoomSummary;
  onJump: (message: string) => void;
  onClose: () => void;
}

/** What was pinned, the latest pin first; each leads to its place. */
export function PinsPanel({ summary, onJump, onClose }: PinsPanelProps) {
  const pins = usePins(summary.id);
  return (
    <SidePanel title="Pinned messages" onClose={onClose}>
      {pins.length === 0 ? (
        <EmptyState icon={<Pin />} title="Nothing is pinned">
          {summary.kind === "direct"
            ? "Pin a message to find it again here."
            : "The room's owner and moderators pin what everyone should find."}
        </EmptyState>
      ) : (
        <ul className={styles["list"]}>
          {pins.map((pin) => (
            <li key={pin.message}>
              <FoundMessage message={pin} words={[]} onOpen={() => onJump(pin.message)} />
            </li>
          ))}
        </ul>
      )}
    </SidePanel>
  );
}
