import { type ReactElement, type ReactNode, createContext } from "react";

import type { HubbubClient } from "../index.ts";
import { createStores } from "../store/index.ts";
import type { Stores } from "../store/index.ts";

/** What the hooks find. */
export interface Provided {
  readonly client: HubbubClient;
  readonly stores: Stores;
}

export const ProvidedContext = createContext<Provided | null>(null);

export interface HubbubProviderProps {
  client: HubbubClient;
  /** Those of the client, made when they are first needed, unless the page made its own. */
  stores?: Stores;
  children?: ReactNode;
}

// One for each client, whoever asks: React may call a component twice, and making stores begins to listen.
const known = new WeakMap<HubbubClient, Provided>();

function provide(client: HubbubClient, stores?: Stores): Provided {
  const found = known.get(client);
  if (found && (!stores || found.stores === stores)) return found;
  const provided = { client, stores: stores ?? createStores(client) };
  known.set(client, provided);
  return provided;
}

/** Makes a client and its stores known to the hooks below. */
export function HubbubProvider({ client, stores, children }: HubbubProviderProps): ReactElement {
  return <ProvidedContext value={provide(client, stores)}>{children}</ProvidedContext>;
}
