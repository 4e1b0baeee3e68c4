import { HubbubClient, HubbubError } from "@hubbub/client";
import { forgetDrafts } from "../features/conversation/composer/drafts.ts";
import { hadSession, origin, sessionToken, wasHere } from "./credential.ts";
import { lastRoom } from "./last-room.ts";
import { endingOf, type Ban } from "./session-ending.ts";

/**
 * The one session of the page, on its one client: who is here, and why not any more. The client keeps what belongs to
 * different people apart; another tab's log-in or log-out reaches this page through it.
 */

export interface SessionState {
  /**
   * `starting`: there was a session, and nothing of it is known yet. `stopped`: there still is one, but the server does
   * not want this page to come back by itself.
   */
  readonly phase: "starting" | "out" | "in" | "banned" | "stopped";
  /** Why, in words. */
  readonly notice?: string | undefined;
  readonly ban?: Ban | undefined;
}

const listeners = new Set<() => void>();
let state: SessionState = { phase: "out" };
let made: HubbubClient | undefined;
/** What `mod.banned` told just before the goodbye. */
let told: Ban | undefined;

function change(next: SessionState) {
  state = next;
  for (const listener of listeners) listener();
}

const isRemote = () => origin() !== "";

function getToken(): Promise<string> {
  const token = sessionToken.get();
  if (token) return Promise.resolve(token);
  return Promise.reject(new HubbubError("refused", { code: "UNAUTHENTICATED", reason: "TOKEN_MISSING" }));
}

function makeClient(): HubbubClient {
  return new HubbubClient({
    url: origin(),
    device: { platform: "web", app: "hubbub-web" },
    ...(isRemote() ? { auth: { getToken } } : {}),
  });
}

/** Wipes what is kept of the person; the server is told with what still proves them. */
async function wipe() {
  hadSession.set(undefined);
  lastRoom.set(undefined);
  forgetDrafts();
  try {
    await session.client.logout();
  } catch {
    // The client tells the server before it connects again.
  }
  // Not when somebody has logged in meanwhile.
  if (state.phase !== "in" && state.phase !== "starting") sessionToken.set(undefined);
}

function followMe(client: HubbubClient) {
  if (!client.me.get() || state.phase === "in" || state.phase === "banned") return;
  hadSession.set("yes");
  wasHere.set("yes");
  change({ phase: "in" });
}

function followConnection(client: HubbubClient) {
  if (state.phase !== "in" && state.phase !== "starting") return;
  const ending = endingOf(client.connection.get(), told);
  if (!ending) return;
  change({ phase: ending.phase, notice: ending.notice, ban: ending.ban });
  if (ending.phase === "stopped") client.close();
  else void wipe();
}

function connect() {
  told = undefined;
  // How it ends is seen by those who follow the connection.
  session.client.connect().catch(() => {});
}

export const session = {
  get client(): HubbubClient {
    return (made ??= makeClient());
  },

  get: () => state,
  subscribe(listener: () => void) {
    listeners.add(listener);
    return () => void listeners.delete(listener);
  },

  /** Once, when the page begins. */
  start() {
    const { client } = session;
    client.on("mod.banned", ({ data }) => {
      if (!data.room) told = { reason: data.reason, until: data.until };
    });
    client.connection.subscribe(() => followConnection(client));
    client.me.subscribe(() => followMe(client));
    if (!hadSession.get()) return;
    change({ phase: "starting" });
    connect();
  },

  /** Rejects with the refusal. */
  async enter(mode: "signup" | "login", username: string, password: string) {
    const { api } = session.client;
    const credentials = { username, password, ...(isRemote() ? { credential: "token" as const } : {}) };
    const granted = await (mode === "signup" ? api.signUp(credentials) : api.logIn(credentials));
    sessionToken.set(granted.sessionToken);
    hadSession.set("yes");
    change({ phase: "starting" });
    connect();
  },

  async logOut() {
    change({ phase: "out" });
    await wipe();
  },

  /** Comes back although the server said not to by itself. */
  resume() {
    change({ phase: session.client.me.get() ? "in" : "starting" });
    connect();
  },

  /** Away from the message that one is banned. */
  leaveBan() {
    change({ phase: "out" });
  },
};
