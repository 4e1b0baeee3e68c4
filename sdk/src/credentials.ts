/** What proves who this is: the cookie, a session token or an access token. */

import type { Api } from "./api.ts";

/** How session tokens begin. */
const SESSION_TOKEN = "hs_";
/** An access token that ends this soon is not used any more. */
const SPARE_MS = 5_000;

export type Why = "connect" | "expired";

export interface Auth {
  /**
   * Returns an access token (a JWT), or a session token (`hs_…`). Called when there is none yet, and when the one before
   * proves nothing any more; never twice at a time. One that rejects is asked again later, unless with a `HubbubError`
   * whose code is `UNAUTHENTICATED`: then one has to log in again.
   */
  getToken?: (why: Why) => Promise<string>;
}

export class Credential {
  readonly #getToken: Auth["getToken"];
  readonly #now: () => number;
  #token: Promise<string> | undefined;
  #isRefreshing = false;
  #expiresAt = Infinity;

  constructor(auth: Auth, now: () => number) {
    this.#getToken = auth.getToken;
    this.#now = now;
  }

  /** Whether the app provides it; without that the browser's cookie does. */
  get isGiven(): boolean {
    return this.#getToken !== undefined;
  }

  /** Returns the bearer for REST; none where the cookie does it. */
  async bearer(why: Why = "connect"): Promise<string | undefined> {
    if (!this.#getToken) return undefined;
    const isStale = why === "expired" || this.#expiresAt - SPARE_MS <= this.#now();
    if (!this.#token || (isStale && !this.#isRefreshing)) {
      this.#isRefreshing = true;
      this.#expiresAt = Infinity;
      const asked = (this.#token = this.#getToken(isStale ? "expired" : "connect"));
      const done = () => (this.#isRefreshing = false);
      asked.then(done, () => {
        done();
        if (this.#token === asked) this.#token = undefined;
      });
    }
    return this.#token;
  }

  /** Returns what a `hello` begins with. Those who come back get their ticket before others do. */
  async prove(why: Why, api: Api, query: string): Promise<{ ticket?: string; token?: string }> {
    const token = await this.bearer(why);
    if (token !== undefined && !token.startsWith(SESSION_TOKEN)) return { token };
    const { ticket } = await api.post<{ ticket: string }>(`/v1/rt/tickets${query}`);
    return { ticket };
  }

  /** Replaces an access token that ends soon on a socket that stays; a ticket's session goes on by itself. */
  async renew(refresh: (token: string) => Promise<{ expiresAt: number }>): Promise<void> {
    const isAccess = await this.#isAccess();
    const token = isAccess && (await this.bearer("expired"));
    if (token) await this.endsAt((await refresh(token)).expiresAt);
  }

  /** The server said when the credential ends. */
  async endsAt(expiresAt: number): Promise<void> {
    if (await this.#isAccess()) this.#expiresAt = expiresAt;
  }

  forget(): void {
    this.#token = undefined;
    this.#expiresAt = Infinity;
  }

  async #isAccess(): Promise<boolean> {
    const token = await this.#token?.catch(() => undefined);
    return token !== undefined && !token.startsWith(SESSION_TOKEN);
  }
}
