/** Why something about people was refused, in words that say what to do next. */

/** What a refusal has, as a store tells it or a client throws it. */
export interface Refusal {
  readonly reason: string;
  readonly message: string;
  readonly fields?: Readonly<Record<string, string>>;
}

/** A client that stopped waiting knows nothing about the outcome: it is not a refusal, and is told apart. */
const UNANSWERED = "There was no answer. Look whether it was done before you try again.";

const WORDS: Readonly<Record<string, string>> = {
  USER_NOT_FOUND: "Nobody has this name. Names are spelled exactly, capital letters aside.",
  ALREADY_FRIENDS: "You are friends already.",
  REQUEST_NOT_FOUND: "The request is not there any more.",
  RECIPIENT_UNAVAILABLE: "This person cannot be written to.",
  QUOTA: "Too many requests wait for an answer. Take one back first.",
  RATE_LIMITED: "That was too fast. Wait a moment, then try again.",
  UPSTREAM_UNAVAILABLE: "The server is busy. Try again in a moment.",
  CREDENTIALS_INVALID: "The password is not right.",
  NETWORK: "The server could not be reached. Look whether you are online.",
  TIMEOUT: UNANSWERED,
  UNKNOWN: UNANSWERED,
  USERNAME_TAKEN: "This name is taken.",
};

export function refusalWords(problem: unknown): string {
  const refusal = asRefusal(problem);
  if (!refusal) return problem instanceof Error ? problem.message : UNANSWERED;
  const [field] = Object.values(refusal.fields ?? {});
  if (refusal.reason === "FIELD_INVALID" && field) return sentence(field);
  return WORDS[refusal.reason] ?? (sentence(refusal.message) || UNANSWERED);
}

/** Reads what was thrown or told. */
export function asRefusal(problem: unknown): Refusal | undefined {
  if (typeof problem !== "object" || problem === null) return undefined;
  const { reason, message, fields } = problem as Partial<Refusal>;
  if (typeof reason !== "string" || reason === "") return undefined;
  return { reason, message: message ?? "", ...(fields && { fields }) };
}

/** The server's texts begin small and have no full stop. */
function sentence(text: string): string {
  const trimmed = text.trim();
  if (!trimmed) return "";
  const begun = trimmed[0]?.toLocaleUpperCase() + trimmed.slice(1);
  return /[.!?]$/u.test(begun) ? begun : `${begun}.`;
}
