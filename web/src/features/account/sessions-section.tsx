import { useCallback, useState } from "react";
import { CloudOff, MonitorSmartphone, RefreshCw, Smartphone, SquareTerminal, Monitor } from "lucide-react";
import { useClient } from "@hubbub/client/react";
import { Button, ConfirmDialog, EmptyState, SkeletonRows, Tag, toast } from "../../design/index.ts";
import { ago } from "../people/presence-words.ts";
import { refusalWords } from "../people/refusal-words.ts";
import { useNow } from "../people/use-now.ts";
import { readAgent } from "./agent.ts";
import { Group, Setting } from "./section-parts.tsx";
import styles from "./sessions-section.module.css";
import { useLoaded } from "./use-loaded.ts";

const FORMS = { phone: <Smartphone />, computer: <Monitor />, program: <SquareTerminal /> };

type Session = Awaited<ReturnType<ReturnType<typeof useClient>["api"]["sessions"]>>[number];

/** Where one is logged in. */
export function SessionsSection() {
  const client = useClient();
  const sessions = useLoaded(useCallback(() => client.api.sessions(), [client]));
  const [asking, setAsking] = useState(false);
  const { value, error, reload, change } = sessions;

  const end = async (ended: readonly Session[]) => {
    const ids = new Set(ended.map((session) => session.id));
    change((all) => all.filter((session) => !ids.has(session.id)));
    const results = await Promise.allSettled([...ids].map((id) => client.api.revokeSession(id)));
    const failed = results.find((result) => result.status === "rejected");
    if (failed) toast({ title: "Not every session was ended", body: refusalWords(failed.reason), tone: "danger" });
    else toast({ title: ids.size === 1 ? "The session is ended" : `${ids.size} sessions are ended`, tone: "good" });
    // What is shown is what the server says, also after a refusal.
    await reload();
  };

  if (!value) return error ? <Failed error={error} onRetry={() => void reload()} /> : <SkeletonRows rows={3} />;
  const current = value.filter((session) => session.current);
  const others = value.filter((session) => !session.current);
  return (
    <>
      <Group title="This device">
        {current.map((session) => (
          <SessionRow key={session.id} session={session} />
        ))}
      </Group>
      <Group title="Other sessions">
        {others.length === 0 && <p className={styles["none"]}>You are logged in nowhere else.</p>}
        {others.map((session) => (
          <SessionRow key={session.id} session={session} onEnd={() => void end([session])} />
        ))}
        {others.length > 1 && (
          <Setting
            label="End all others"
            hint="For when a device is lost, or something looks odd. Change your password too."
          >
            <Button onClick={() => setAsking(true)}>End all others</Button>
          </Setting>
        )}
      </Group>
      <ConfirmDialog
        open={asking}
        onOpenChange={setAsking}
        title={`End ${others.length} other sessions?`}
        description="They are logged out within two seconds. This device stays logged in."
        confirm="End them"
        onConfirm={() => end(others)}
      />
    </>
  );
}

function SessionRow({ session, onEnd }: { session: Session; onEnd?: () => void }) {
  const now = useNow();
  const { label, form } = readAgent(session.agent);
  return (
    <div className={styles["session"]}>
      <span className={styles["icon"]} aria-hidden>
        {FORMS[form]}
      </span>
      <div className={styles["words"]}>
        <p className={styles["label"]} title={session.agent}>
          {label}
          {session.current && <Tag tone="accent">Current</Tag>}
        </p>
        <p className={styles["line"]}>
          Last seen {ago(session.lastSeenAt, now)} · began {ago(session.createdAt, now)}
        </p>
      </div>
      {onEnd && (
        <Button size="small" aria-label={`End the session of ${label}`} onClick={onEnd}>
          End
        </Button>
      )}
    </div>
  );
}

function Failed({ error, onRetry }: { error: unknown; onRetry: () => void }) {
  return (
    <EmptyState
      icon={navigator.onLine ? <MonitorSmartphone /> : <CloudOff />}
      title="Your sessions could not be loaded"
      action={
        <Button icon={<RefreshCw />} onClick={onRetry}>
          Try again
        </Button>
      }
    >
      {refusalWords(error)}
    </EmptyState>
  );
}
