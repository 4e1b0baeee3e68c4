/** REST: accounts, sessions, and whatever else one asks for. */

import type { Environment } from "./environment.ts";
import { Timer } from "./environment.ts";
import type { Refusal } from "./error.ts";
import { aborted, HubbubError, isSessionOver } from "./error.ts";
import type { Room, User } from "./gen/protocol.ts";

/** How long an answer may take. Passwords are hashed slowly on purpose. */
const ANSWER_MS = 15_000;
/** Codes that do not say whether it was done. */
const UNKNOWN = ["INTERNAL", "UNKNOWN", "CANCELLED", "DEADLINE_EXCEEDED"];

export interface Credentials {
  username: string;
  password: string;
  /** `cookie` if left out; `token` for apps and for pages of another origin: then the answer has `sessionToken`. */
  credential?: "cookie" | "token";
}

export interface Granted {
  user: User;
  /** An access token, for 15 minutes. */
  token: string;
  expiresAt: number;
  session: string;
  /** Good for as long as the session; only with `credential: "token"`. */
  sessionToken?: string;
}

export interface Session {
  id: string;
  createdAt: number;
  lastSeenAt: number;
  expiresAt: number;
  agent: string;
  current: boolean;
}

export interface Account {
  user: User;
  friends: number;
  blocked: number;
  sessions: Session[];
  rooms: (Room & { head?: number })[];
}

export interface CallOptions {
  signal?: AbortSignal;
  /** The idempotency key of a change. */
  key?: string;
}

/** What the API needs. */
export interface ApiHost {
  readonly environment: Environment;
  readonly url: string;
  bearer(why?: "connect" | "expired"): Promise<string | undefined>;
  /** Someone logged in. */
  entered(): Promise<void>;
}

export class Api {
  readonly #host: ApiHost;

  constructor(host: ApiHost) {
    this.#host = host;
  }

  signUp(credentials: Credentials): Promise<Granted> {
    return this.#enter("/signup", credentials);
  }

  logIn(credentials: Credentials): Promise<Granted> {
    return this.#enter("/login", credentials);
  }

  /** Ends the session on the server alone; `client.logout()` forgets what is stored here, too. */
  logOut(): Promise<void> {
    return this.post("/logout");
  }

  account(): Promise<Account> {
    return this.get("/account");
  }

  async sessions(): Promise<Session[]> {
    return (await this.get<{ sessions: Session[] }>("/v1/sessions")).sessions;
  }

  async revokeSession(id: string): Promise<void> {
    await this.#call("DELETE", `/v1/sessions/${encodeURIComponent(id)}`);
  }

  changePassword({ current, next }: { current: string; next: string }): Promise<void> {
    return this.post("/v1/account/password", { oldPassword: current, newPassword: next });
  }

  /** Everything that the server holds of this person. */
  async export(): Promise<Blob> {
    return (await this.#call("GET", "/v1/account/export", undefined, undefined, Infinity)).blob();
  }

  async get<T>(path: string, options?: CallOptions): Promise<T> {
    return read(await this.#call("GET", path, undefined, options));
  }

  async post<T>(path: string, body: unknown = {}, options?: CallOptions): Promise<T> {
    return read(await this.#call("POST", path, body, options));
  }

  async #enter(path: string, credentials: Credentials): Promise<Granted> {
    const granted = await read<Granted>(await this.#send("POST", path, credentials, undefined));
    await this.#host.entered();
    return granted;
  }

  async #call(
    method: string,
    path: string,
    body?: unknown,
    options?: CallOptions,
    patience?: number,
  ): Promise<Response> {
    const bearer = await this.#host.bearer();
    try {
      return await this.#send(method, path, body, bearer, options, patience);
    } catch (error) {
      // An access token lives for minutes only.
      const next = bearer && isSessionOver(error) ? await this.#host.bearer("expired") : bearer;
      if (next === bearer) throw error;
      return this.#send(method, path, body, next, options, patience);
    }
  }

  async #send(
    method: string,
    path: string,
    body: unknown,
    bearer: string | undefined,
    { key, signal }: CallOptions = {},
    patience = ANSWER_MS,
  ): Promise<Response> {
    const { environment, url } = this.#host;
    const headers: Record<string, string> = {};
    if (bearer) headers["authorization"] = `Bearer ${bearer}`;
    if (body !== undefined) headers["content-type"] = "application/json";
    if (key) headers["idempotency-key"] = key;
    const stop = new AbortController();
    const abort = () => stop.abort();
    signal?.addEventListener("abort", abort);
    if (signal?.aborted) abort();
    const timer = new Timer(environment);
    timer.start(patience, abort);
    const init: RequestInit = { method, headers, credentials: bearer ? "omit" : "include", signal: stop.signal };
    if (body !== undefined) init.body = JSON.stringify(body);
    try {
      const response = await environment.fetch(url + path, init);
      if (!response.ok) throw await problem(response);
      return response;
    } catch (error) {
      if (error instanceof HubbubError) throw error;
      if (signal?.aborted) throw aborted();
      throw new HubbubError("unknown", { reason: "NETWORK", message: String(error) });
    } finally {
      signal?.removeEventListener("abort", abort);
      timer.stop();
    }
  }
}

async function read<T>(response: Response): Promise<T> {
  const text = await response.text();
  return (text ? JSON.parse(text) : undefined) as T;
}

/** Reads a problem document; proxies on the way answer with pages of their own. */
async function problem(response: Response): Promise<HubbubError> {
  const text = await response.text().catch(() => "");
  let told: Refusal & { detail?: string } = {};
  try {
    told = JSON.parse(text) as typeof told;
  } catch {
    told = { code: response.status < 500 ? "FAILED_PRECONDITION" : "UNKNOWN", detail: `HTTP ${response.status}` };
  }
  const after = Number(response.headers.get("retry-after")) * 1_000 || 0;
  const retryAfterMs = Math.max(told.retryAfterMs ?? 0, after);
  const isUnknown = UNKNOWN.includes(told.code ?? "UNKNOWN") && response.status >= 500;
  const code = response.status === 401 ? "UNAUTHENTICATED" : (told.code ?? "UNKNOWN");
  const retry = isUnknown || retryAfterMs > 0 || response.status === 503;
  return new HubbubError(isUnknown ? "unknown" : "refused", {
    ...told,
    code,
    message: told.detail ?? `HTTP ${response.status}`,
    retryAfterMs,
    retry,
  });
}
