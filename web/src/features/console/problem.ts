/** What went wrong, in words for the person before the screen. */

export interface Problem {
  /** `missing`: this server does not have the command; `refused`: certainly not done; `unknown`: nobody knows. */
  readonly kind: "missing" | "refused" | "unknown";
  readonly reason: string;
  readonly message: string;
  readonly fields: Readonly<Record<string, string>>;
}

const WORDS: Readonly<Record<string, string>> = {
  UNKNOWN_TYPE: "This server does not offer it. A newer one does.",
  ADMIN_REQUIRED: "You are no longer an administrator.",
  USER_NOT_FOUND: "There is no account of this name.",
  MESSAGE_NOT_FOUND: "There is no message of this id.",
  REPORT_NOT_FOUND: "This report is no longer there.",
  CONNECTION_GONE: "This connection has already ended.",
  CONFLICT: "Somebody else was faster.",
  RATE_LIMITED: "Too many requests at once. Wait a moment.",
  UPSTREAM_UNAVAILABLE: "A service behind the gateway does not answer. Nothing was changed.",
  QUOTA: "There are as many of these as there may be.",
};

interface Told {
  kind?: unknown;
  reason?: unknown;
  message?: unknown;
  fields?: unknown;
}

/** Reads any error by its shape: what is thrown may come from the client, from a timeout, or from the browser. */
export function problemOf(error: unknown): Problem {
  const told: Told = typeof error === "object" && error !== null ? (error as Told) : {};
  const reason = typeof told.reason === "string" ? told.reason : "";
  const message = typeof told.message === "string" ? told.message : "";
  const fields = typeof told.fields === "object" && told.fields !== null ? (told.fields as Record<string, string>) : {};
  if (reason === "UNKNOWN_TYPE") return { kind: "missing", reason, message: WORDS[reason] ?? message, fields };
  if (told.kind === "refused") {
    return { kind: "refused", reason, message: WORDS[reason] ?? sentence(fieldWords(fields) ?? message), fields };
  }
  return { kind: "unknown", reason, message: "No answer came. It may or may not have been done.", fields };
}

export const isAborted = (error: unknown): boolean =>
  error instanceof Error && (error.name === "AbortError" || (error as { kind?: unknown }).kind === "aborted");

function fieldWords(fields: Readonly<Record<string, string>>): string | undefined {
  const [first] = Object.entries(fields);
  return first && `${first[0]}: ${first[1]}`;
}

/** The server's texts are fragments: "this range is too wide". */
export function sentence(words: string): string {
  const trimmed = words.trim();
  if (trimmed === "") return "It was refused.";
  const upper = trimmed[0]!.toLocaleUpperCase() + trimmed.slice(1);
  return /[.!?…]$/.test(upper) ? upper : `${upper}.`;
}

/** Lets what goes wrong speak the console's words: dialogs show an error's message. */
export async function inWords<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw new Error(problemOf(error).message, { cause: error });
  }
}
