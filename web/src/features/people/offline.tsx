import type { ReactNode } from "react";
import { CloudOff, RefreshCw } from "lucide-react";
import { useClient, useConnection } from "@hubbub/client/react";
import { Button, EmptyState } from "../../design/index.ts";
import styles from "./offline.module.css";

/** Whether the server can be asked now. A connection that is just being made counts as one. */
export function useIsAway(): boolean {
  const { phase } = useConnection();
  return phase === "offline" || phase === "recovering" || phase === "closed";
}

/**
 * What works and what does not while there is no connection; that there is none, the shell tells. It is the last thing
 * on a page and sticks to its end, so that nothing moves when it comes.
 */
export function OfflineNote({ children }: { children: ReactNode }) {
  if (!useIsAway()) return null;
  return (
    <p className={styles["note"]} role="note">
      <CloudOff aria-hidden />
      <span>{children}</span>
    </p>
  );
}

/** In the place of what was never loaded: it is on its way, or needs a connection. */
export function NeedsConnection({ what, waiting }: { what: string; waiting: ReactNode }) {
  const client = useClient();
  if (!useIsAway()) return waiting;
  return (
    <EmptyState
      icon={<CloudOff />}
      title={`${what} could not be loaded`}
      action={
        <Button icon={<RefreshCw />} onClick={() => client.reconnect()}>
          Try again
        </Button>
      }
    >
      There is no connection to the server. They appear by themselves as soon as there is one.
    </EmptyState>
  );
}
