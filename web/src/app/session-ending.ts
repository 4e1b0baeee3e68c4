import type { ConnectionState } from "@hubbub/client";

export interface Ban {
  readonly reason?: string | undefined;
  /** Ms since the epoch; without it for good. */
  readonly until?: number | undefined;
}

/** What a connection that ended for good means for the session. */
export interface Ending {
  readonly phase: "out" | "banned" | "stopped";
  readonly notice?: string;
  readonly ban?: Ban;
}

const UNAUTHENTICATED = 4401;
const BANNED = 4403;

/** The session lives on, but not here, unless someone says so. */
const STOPS: Readonly<Record<number, string>> = {
  4409: "Another connection took the place of this one.",
  4410: "This page is older than the server.",
  4429: "Too many connections of your account are open. Close some of them first.",
};

/** Nothing while the connection may come back by itself. */
export function endingOf({ phase, code, reason }: ConnectionState, told: Ban | undefined): Ending | undefined {
  // An address can be banned while the session lives on.
  if (phase === "recovering" && reason === "BANNED") {
    return { phase: "stopped", notice: "You, or the address you come from, are banned from this server." };
  }
  if (phase !== "closed" || reason === "closed") return undefined;
  if (code === BANNED) return { phase: "banned", ban: told ?? {} };
  if (reason === "logged_out") return { phase: "out", notice: "You are logged out." };
  if (code === undefined || code === UNAUTHENTICATED) {
    return { phase: "out", notice: "Your session is over. Log in again." };
  }
  return { phase: "stopped", notice: STOPS[code] ?? "The server ended the connection." };
}
