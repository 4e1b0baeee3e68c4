/** The other tabs of this browser that have the same server. */

import type { ChannelLike, Environment } from "./environment.ts";
import type { OutboxMessage } from "./outbox-types.ts";

export type TabMessage =
  | OutboxMessage
  /** Someone logged out. */
  | { is: "logout" }
  /** A tab was greeted as this user. */
  | { is: "user"; id: string };

export class Tabs {
  readonly #open: Environment["openChannel"];
  readonly #name: string;
  readonly #heard: (message: TabMessage) => void;
  #channel: ChannelLike | undefined;

  constructor({ openChannel }: Environment, name: string, heard: (message: TabMessage) => void) {
    this.#open = openChannel;
    this.#name = name;
    this.#heard = heard;
  }

  get isOpen(): boolean {
    return this.#channel !== undefined;
  }

  open(): void {
    this.#channel ??= this.#open?.(this.#name);
    if (this.#channel) this.#channel.onmessage = ({ data }) => this.#heard(data as TabMessage);
  }

  tell(message: TabMessage): void {
    this.#channel?.postMessage(message);
  }

  close(): void {
    this.#channel?.close();
    this.#channel = undefined;
  }
}
