/** Clients in a world, with a model of the server at the other end. */

import { HubbubClient } from "../src/client.ts";
import { HubbubError } from "../src/error.ts";
import type { ClientOptions } from "../src/options.ts";
import { Server } from "./server.ts";
import { settle, World } from "./world.ts";

export interface Started {
  world: World;
  server: Server;
  client: HubbubClient;
}

/** Makes a client that has not connected yet. */
export function make(world: World, options: Partial<ClientOptions> = {}): HubbubClient {
  const { environment, ...rest } = options;
  return new HubbubClient({ url: "http://hub", storage: null, ...rest, environment: world.environment(environment) });
}

/** Makes a client that is online. */
export async function start(options: Partial<ClientOptions> = {}, rooms?: string[], feedHead = 0): Promise<Started> {
  const world = new World();
  const server = new Server(world, rooms);
  server.feedHead = feedHead;
  const client = make(world, options);
  const online = client.connect();
  await settle();
  await online;
  return { world, server, client };
}

/** Returns what something was refused with. */
export async function refusal(work: PromiseLike<unknown>): Promise<HubbubError> {
  const error = await Promise.resolve(work).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof HubbubError)) throw new Error(`no refusal: ${String(error)}`);
  return error;
}
