/** Frames as text. */

import type { Refusal } from "./error.ts";
import { HubbubError } from "./error.ts";

/** The largest frame the server takes, in bytes. A larger one would end the connection for good. */
const FRAME_MAX = 64 * 1024;

/** A frame from the server. */
export interface Frame {
  type: string;
  id?: string;
  room?: string;
  stream?: string;
  seq?: number;
  prev?: number;
  cursor?: string;
  replayed?: boolean;
  n?: number;
  data?: unknown;
  error?: Refusal;
}

/** A frame that has its place in a stream. */
export interface Durable extends Frame {
  seq: number;
  prev: number;
}

/** Writes a frame, or throws: one that the server would not take must not be sent again and again. */
export function encode(frame: {
  type: string;
  id?: string;
  key?: string | undefined;
  n?: number;
  data?: unknown;
}): string {
  let text = "";
  try {
    // Half of a surrogate pair is no text: the server would take the whole frame for damaged.
    text = JSON.stringify(frame, (_, value: unknown) =>
      typeof value === "string" ? value.replace(/\p{Cs}/gu, "\ufffd") : value,
    );
  } catch (error) {
    throw new HubbubError("refused", { code: "INVALID_ARGUMENT", reason: "FIELD_INVALID", message: String(error) });
  }
  if (new TextEncoder().encode(text).length > FRAME_MAX) {
    const message = "more than 64 KiB in one request";
    throw new HubbubError("refused", { code: "INVALID_ARGUMENT", reason: "BODY_TOO_LONG", message });
  }
  return text;
}

/** Reads a frame; none when it is not one. */
export function decode(text: unknown): Frame | undefined {
  try {
    const frame = JSON.parse(String(text)) as Frame | null;
    return typeof frame?.type === "string" ? frame : undefined;
  } catch {
    return undefined;
  }
}

export function isDurable(frame: Frame): frame is Durable {
  return typeof frame.seq === "number" && typeof frame.prev === "number";
}
