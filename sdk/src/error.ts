/** The one error that the SDK throws. */

import type { Reason } from "./gen/protocol.ts";

/** What is known of a change that did not succeed. */
export type ErrorKind =
  /** The server refused: certainly not done. */
  | "refused"
  /** No answer: it may have been done. Repeat it with the same key. */
  | "unknown"
  /** The app stopped waiting. */
  | "aborted"
  /** The connection ended for good. */
  | "closed";

/** A refusal as it stands in an `error` frame, and nearly so in a problem document. */
export interface Refusal {
  code?: string;
  reason?: Reason | (string & {});
  message?: string;
  retry?: boolean;
  retryAfterMs?: number;
  fields?: Record<string, string>;
  trace?: string;
}

/** See {@link ErrorKind} for what it says about the outcome; programs decide by `reason`. */
export class HubbubError extends Error {
  override readonly name = "HubbubError";
  readonly kind: ErrorKind;
  /** gRPC's name, such as `PERMISSION_DENIED`. */
  readonly code: string;
  /** Stable, such as `NOT_A_MEMBER`. */
  readonly reason: Reason | (string & {});
  /** Whether the same request may work later. */
  readonly retry: boolean;
  readonly retryAfterMs: number;
  /** Field → what is wrong with it. */
  readonly fields: Record<string, string>;
  /** To tell to whoever runs the server. */
  readonly trace?: string;

  constructor(kind: ErrorKind, refusal: Refusal) {
    const reason = refusal.reason ?? "INTERNAL";
    super(refusal.message ?? reason);
    this.kind = kind;
    this.code = refusal.code ?? "UNKNOWN";
    this.reason = reason;
    this.retry = refusal.retry ?? kind === "unknown";
    this.retryAfterMs = refusal.retryAfterMs ?? 0;
    this.fields = refusal.fields ?? {};
    if (refusal.trace) this.trace = refusal.trace;
  }
}

export function aborted(): HubbubError {
  return new HubbubError("aborted", { reason: "ABORTED", message: "the app stopped waiting" });
}

export function closed(reason: string): HubbubError {
  return new HubbubError("closed", { reason, message: `the connection is closed: ${reason}` });
}

/** Whether the credential proves nobody any more. */
export function isSessionOver(error: unknown): boolean {
  return error instanceof HubbubError && error.kind === "refused" && error.code === "UNAUTHENTICATED";
}
