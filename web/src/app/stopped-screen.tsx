import { Unplug } from "lucide-react";
import { Button, EmptyState } from "../design/index.ts";
import styles from "./splash.module.css";

interface StoppedScreenProps {
  notice: string | undefined;
  onResume: () => void;
}

/** The server said not to come back by itself: one may. */
export function StoppedScreen({ notice, onResume }: StoppedScreenProps) {
  return (
    <main className={styles["stopped"]}>
      <EmptyState
        icon={<Unplug />}
        title="This page is no longer connected"
        action={
          <>
            <Button onClick={() => location.reload()}>Reload the page</Button>
            <Button variant="primary" onClick={onResume}>
              Connect here
            </Button>
          </>
        }
      >
        {notice}
      </EmptyState>
    </main>
  );
}
