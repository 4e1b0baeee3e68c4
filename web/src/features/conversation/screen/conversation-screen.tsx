import { lazy, Suspense, useCallback, useEffect, useState } from "react";
import { useLocation } from "wouter";
import { useReadable, useRoom, useTimeline } from "@hubbub/client/react";
import type { RoomSummary } from "@hubbub/client/store";
import { roomTitle } from "../../../app/shell/place-name.ts";
import { usePhone } from "../../../app/use-media.ts";
import { Page, SkeletonRows } from "../../../design/index.ts";
import { ThreadList } from "../threads/thread-list.tsx";
import { ThreadPanel } from "../threads/thread-panel.tsx";
import { useJumps } from "../timeline/use-jumps.ts";
import { ConversationView } from "./conversation-view.tsx";
import styles from "./conversation-screen.module.css";
import { HeaderActions, type PanelName } from "./header-actions.tsx";
import { HeaderSubtitle } from "./header-subtitle.tsx";
import { JoinRoom } from "./join-room.tsx";
import { PinsPanel } from "./pins-panel.tsx";
import { RoomStart } from "./room-start.tsx";

/** Most people never open it in a visit. */
const RoomDetails = lazy(() => import("../../rooms/index.ts").then((module) => ({ default: module.RoomDetails })));

export interface ConversationScreenProps {
  roomId: string;
  thread?: string | undefined;
  message?: string | undefined;
}

interface PanelProps {
  summary: RoomSummary;
  panel: PanelName | undefined;
  thread: string | undefined;
  onClose: () => void;
  onThread: (thread: string) => void;
  onJump: (message: string) => void;
}

function Panel({ summary, panel, thread, onClose, onThread, onJump }: PanelProps) {
  if (thread !== undefined) return <ThreadPanel key={thread} summary={summary} thread={thread} onClose={onClose} />;
  if (panel === "threads") return <ThreadList summary={summary} onOpen={onThread} onClose={onClose} />;
  if (panel === "pins") return <PinsPanel summary={summary} onJump={onJump} onClose={onClose} />;
  if (panel !== "details") return null;
  return (
    <aside className={styles["details"]} aria-label="Details">
      <Suspense fallback={<SkeletonRows rows={6} />}>
        <RoomDetails roomId={summary.id} onClose={onClose} />
      </Suspense>
    </aside>
  );
}

/** One room or direct conversation, with a thread or a panel beside it. */
export function ConversationScreen({ roomId, thread, message }: ConversationScreenProps) {
  const summary = useReadable(useRoom(roomId).summary);
  if (!summary) return <JoinRoom roomId={roomId} />;
  return <Joined key={roomId} summary={summary} thread={thread} message={message} />;
}

function Joined({ summary, thread, message }: Omit<ConversationScreenProps, "roomId"> & { summary: RoomSummary }) {
  const [, navigate] = useLocation();
  const isPhone = usePhone();
  const [panel, setPanel] = useState<PanelName>();
  const [, store] = useTimeline(summary.id);
  const [jump, jumpTo] = useJumps(store);
  const home = `/rooms/${summary.id}`;

  useEffect(() => {
    if (message !== undefined) void jumpTo({ message });
  }, [message, jumpTo]);

  const showPanel = (next: PanelName | undefined) => {
    if (thread !== undefined) navigate(home);
    setPanel(next);
  };
  const onJump = useCallback(
    (target: string) => {
      // A panel covers a phone's whole page: what was jumped to would be behind it.
      if (isPhone) setPanel(undefined);
      void jumpTo({ message: target });
    },
    [isPhone, jumpTo],
  );
  const onThread = useCallback((id: string) => navigate(`${home}/thread/${id}`), [home, navigate]);
  const isCovered = isPhone && (thread !== undefined || panel !== undefined);
  const title = roomTitle(summary);
  return (
    <div className={styles["screen"]}>
      <div className={styles["main"]} inert={isCovered}>
        <Page
          title={title}
          width="full"
          subtitle={<HeaderSubtitle summary={summary} />}
          onBack={() => navigate("/")}
          actions={
            <HeaderActions
              summary={summary}
              panel={thread === undefined ? panel : undefined}
              onPanel={showPanel}
              onDate={(at) => void jumpTo({ at })}
            />
          }
        >
          <ConversationView
            summary={summary}
            jump={jump}
            isJumping={message !== undefined}
            onJump={onJump}
            onThread={onThread}
            start={<RoomStart summary={summary} />}
            empty={<RoomStart summary={summary} />}
            placeholder={`Message ${title}`}
          />
        </Page>
      </div>
      <Panel
        summary={summary}
        panel={panel}
        thread={thread}
        onClose={() => showPanel(undefined)}
        onThread={onThread}
        onJump={onJump}
      />
    </div>
  );
}
