import { kept } from "./kept.ts";

/**
 * Which server this page talks to, and how it says who it is.
 *
 * Served by the gateway itself, the session is a cookie that no script can read. From another origin browsers do not
 * send that cookie, so the page asks for a session token instead, keeps it, and sends it as a bearer.
 */

function written(): string {
  const content = document.querySelector<HTMLMetaElement>('meta[name="hubbub-origin"]')?.content.trim() ?? "";
  return content.replace(/\/+$/u, "");
}

/** The gateway's origin; "" is the origin of the page. */
export const origin = (): string => {
  const from = written();
  return from === location.origin ? "" : from;
};

export const sessionToken = kept<string>("token");

/** Whether there was a log-in that was not ended: without one, the page asks the server nothing. */
export const hadSession = kept<"yes">("session");

/** Whether anyone ever logged in here: they are asked to log in, all others to sign up. */
export const wasHere = kept<"yes">("wasHere");
