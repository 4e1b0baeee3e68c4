/** What a refusal says about the two fields, and what it says about the whole. */
export interface Problems {
  readonly name?: string;
  readonly password?: string;
  readonly whole?: string;
}

interface Refusal {
  readonly reason?: string;
  readonly message?: string;
  readonly kind?: string;
  readonly retryAfterMs?: number;
  readonly fields?: Readonly<Record<string, string>>;
}

const sentence = (text: string): string => {
  const begun = text.charAt(0).toLocaleUpperCase() + text.slice(1);
  return /[.!?]$/u.test(begun) ? begun : `${begun}.`;
};

function wholeOf({ reason, message, kind, retryAfterMs = 0 }: Refusal): string {
  if (kind === "unknown" || reason === "UPSTREAM_UNAVAILABLE") {
    return "The server cannot be reached. Check your connection and try again.";
  }
  if (reason === "CREDENTIALS_INVALID") return "Wrong name or password.";
  if (reason === "RATE_LIMITED") {
    return `Too many attempts. Try again in ${Math.max(1, Math.ceil(retryAfterMs / 1000))} s.`;
  }
  return sentence(message || "Something went wrong");
}

/** Says at the right place, in words for people, why signing up or logging in was refused. */
export function problemsOf(error: unknown): Problems {
  const refusal = (typeof error === "object" && error !== null ? error : {}) as Refusal;
  const { username, password } = refusal.fields ?? {};
  if (refusal.reason === "USERNAME_TAKEN") return { name: "This name is taken. Choose another." };
  if (!username && !password) return { whole: wholeOf(refusal) };
  return { ...(username ? { name: sentence(username) } : {}), ...(password ? { password: sentence(password) } : {}) };
}

/** What can be said before the server is asked. */
export function missing(name: string, password: string): Problems | undefined {
  if (name.trim() && password) return undefined;
  return {
    ...(name.trim() ? {} : { name: "Write your name." }),
    ...(password ? {} : { password: "Write your password." }),
  };
}
