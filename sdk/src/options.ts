/** How a client is made. */

import type { Auth } from "./credentials.ts";
import type { Environment } from "./environment.ts";
import type { Hello } from "./gen/protocol.ts";
import type { ClientStorage } from "./storage.ts";

export interface ClientOptions {
  /** The server's origin; "" for that of the page. */
  url: string;
  auth?: Auth;
  /** IndexedDB where there is one, if left out; null keeps everything in memory. */
  storage?: ClientStorage | null;
  environment?: Partial<Environment>;
  device?: NonNullable<Hello["device"]>;
  /** Told once when nothing can be stored: what is queued then lives as long as the page. */
  onWarning?: (what: "storage", error: unknown) => void;
}
