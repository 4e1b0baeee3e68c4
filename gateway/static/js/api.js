// REST: one function per route. A refusal is thrown as a Refusal with the server's stable reason.

export class Refusal extends Error {
  constructor({ code, reason, detail, message, fields, retry, retryAfterMs, status }) {
    super(detail ?? message ?? "something went wrong");
    this.code = code;
    this.reason = reason ?? "INTERNAL";
    this.fields = fields ?? {};
    this.status = status;
    this.retryAfterMs = retryAfterMs ?? 0;
    this.retry = retry ?? (status === 503 || status === 429);
  }
}

// No answer at all: the outcome is not known.
export class NoAnswer extends Error {}

async function call(method, path, body, headers = {}) {
  const options = { method, headers: { ...headers }, signal: AbortSignal.timeout(15_000) };
  if (body !== undefined) {
    options.headers["content-type"] = "application/json";
    options.body = JSON.stringify(body);
  }
  let response;
  try {
    response = await fetch(path, options);
  } catch {
    throw new NoAnswer("the server cannot be reached");
  }
  if (response.status === 204) return null;
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new Refusal({ ...answer, status: response.status });
  return answer;
}

export const signUp = (username, password) => call("POST", "/v1/signup", { username, password });
export const logIn = (username, password) => call("POST", "/v1/login", { username, password });
export const logOut = () => call("POST", "/v1/logout");
export const account = () => call("GET", "/v1/account");
export const ticket = () => call("POST", "/v1/rt/tickets");
export const createRoom = (room, key) => call("POST", "/v1/rooms", room, { "idempotency-key": key });

export function listRooms(query = "", page = "") {
  return call("GET", `/v1/rooms?${new URLSearchParams({ query, page, limit: 50 })}`);
}
