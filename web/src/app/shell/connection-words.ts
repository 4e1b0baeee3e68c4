import type { ConnectionState } from "@hubbub/client";

export interface ConnectionWords {
  readonly text: string;
  readonly tone: "warn" | "plain";
  /** Whether it makes sense to try at once. */
  readonly canTry: boolean;
}

function waitingWords(waiting: number): string {
  if (waiting === 0) return "";
  return waiting === 1 ? " · 1 message waiting" : ` · ${waiting} messages waiting`;
}

/** What is said about a connection that is not online; nothing when there is nothing to say. */
export function connectionWords(state: ConnectionState, waiting: number, now: number): ConnectionWords | undefined {
  const tail = waitingWords(waiting);
  switch (state.phase) {
    case "offline":
      return { text: `Offline${tail}`, tone: "warn", canTry: false };
    case "parked":
      return { text: `Paused while nothing happens${tail}`, tone: "plain", canTry: true };
    case "connecting":
      return { text: `Connecting…${tail}`, tone: "plain", canTry: false };
    case "recovering": {
      const seconds = Math.ceil(((state.retryAt ?? now) - now) / 1000);
      if (seconds <= 0) return { text: `Reconnecting…${tail}`, tone: "warn", canTry: false };
      return { text: `Reconnecting in ${seconds} s${tail}`, tone: "warn", canTry: true };
    }
    default:
      return undefined;
  }
}
