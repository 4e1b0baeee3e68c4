import { Check, CloudOff, RotateCw } from "lucide-react";
import { useEffect, useState } from "react";
import type { Phase } from "@hubbub/client";
import { useClient, useConnection } from "@hubbub/client/react";
import { classes } from "../../design/index.ts";
import { connectionWords } from "./connection-words.ts";
import styles from "./connection-note.module.css";

const BACK_MS = 2_500;
/** A hiccup that is over before anyone could read about it is not told. */
const PATIENCE_MS = 900;

function useNow(running: boolean): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    if (!running) return;
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), 500);
    return () => clearInterval(timer);
  }, [running]);
  return now;
}

/** Whether the connection is away for long enough to be told, and whether it has just come back after that. */
function useAway(phase: Phase): { away: boolean; back: boolean } {
  const isOnline = phase === "online" || phase === "idle" || phase === "closed";
  const [away, setAway] = useState(false);
  const [back, setBack] = useState(false);
  useEffect(() => {
    if (isOnline) {
      if (!away) return;
      setAway(false);
      setBack(true);
      return;
    }
    setBack(false);
    const timer = setTimeout(() => setAway(true), phase === "offline" ? 0 : PATIENCE_MS);
    return () => clearTimeout(timer);
  }, [isOnline, away, phase]);
  useEffect(() => {
    if (!back) return;
    const timer = setTimeout(() => setBack(false), BACK_MS);
    return () => clearTimeout(timer);
  }, [back]);
  return { away: away && !isOnline, back };
}

/** Stands where nothing moves when it comes and goes: at the foot of the sidebar, or floating above the content. */
export function ConnectionNote({ floats }: { floats?: boolean }) {
  const client = useClient();
  const { waiting, ...state } = useConnection();
  const { away, back } = useAway(state.phase);
  const now = useNow(away && state.phase === "recovering");
  const words = away ? connectionWords(state, waiting, now) : undefined;
  return (
    <div className={floats ? styles["floating"] : styles["place"]}>
      {/* The countdown is for the eyes: a screen reader would be told every second. */}
      <p role="status" className="unseen">
        {words ? words.text.replace(/ in \d+ s/u, "") : back ? "Back online" : ""}
      </p>
      {words && (
        <div className={classes(styles["note"], styles[words.tone])}>
          <CloudOff aria-hidden />
          <span aria-hidden className={styles["text"]}>
            {words.text}
          </span>
          {words.canTry && (
            <button type="button" className={styles["try"]} onClick={() => client.reconnect()}>
              <RotateCw aria-hidden />
              Try now
            </button>
          )}
        </div>
      )}
      {!words && back && (
        <div className={classes(styles["note"], styles["good"])} aria-hidden>
          <Check />
          <span className={styles["text"]}>Back online</span>
        </div>
      )}
    </div>
  );
}
