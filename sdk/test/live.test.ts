/** Against real gateways: HUBBUB_GATEWAYS=http://localhost:3001,http://localhost:3002 */

import { setTimeout as wait } from "node:timers/promises";

import { afterEach, describe, expect, test } from "vitest";
import { WebSocket } from "ws";

import type { Granted } from "../src/api.ts";
import { HubbubClient } from "../src/client.ts";
import type { Environment, SocketLike } from "../src/environment.ts";
import type { ClientStorage } from "../src/storage.ts";
import { memoryStorage } from "../src/storage.ts";
import { refusal } from "./start.ts";

const gateways = (process.env["HUBBUB_GATEWAYS"] ?? "").split(",").filter(Boolean);
const [here = "", there = here] = gateways;
const PASSWORD = "correct horse battery staple";
const unique = () => `${Date.now().toString(36)}${Math.random().toString(36).slice(2, 6)}`;

/** A client whose sockets can be cut, and whose way to the server can be closed. */
interface Wired {
  client: HubbubClient;
  sockets: WebSocket[];
  granted: Granted;
  network: { isUp: boolean };
}

const clients: HubbubClient[] = [];

afterEach(() => {
  for (const client of clients.splice(0)) client.close();
});

function wire(url: string, granted: () => Granted | undefined, storage: ClientStorage | null): Omit<Wired, "granted"> {
  const sockets: WebSocket[] = [];
  const network = { isUp: true };
  const environment: Partial<Environment> = {
    WebSocket: function (address: string, protocols: string[]) {
      if (!network.isUp) throw new Error("no network");
      const socket = new WebSocket(address, protocols);
      sockets.push(socket);
      return socket as unknown as SocketLike;
    } as unknown as Environment["WebSocket"],
    fetch: (address, init) => (network.isUp ? fetch(address, init) : Promise.reject(new TypeError("no network"))),
  };
  // A session token where the server gives one, else the access token.
  const getToken = async () => granted()?.sessionToken ?? granted()?.token ?? "";
  const client = new HubbubClient({ url, auth: { getToken }, storage, environment });
  clients.push(client);
  return { client, sockets, network };
}

async function signUp(url: string, storage: ClientStorage | null = null): Promise<Wired> {
  let granted: Granted | undefined;
  const wired = wire(url, () => granted, storage);
  granted = await wired.client.api.signUp({ username: `u${unique()}`, password: PASSWORD, credential: "token" });
  await wired.client.connect();
  return { ...wired, granted };
}

async function until(isTrue: () => boolean): Promise<void> {
  for (let tries = 0; tries < 200 && !isTrue(); tries++) await wait(50);
  expect(isTrue()).toBe(true);
}

describe.skipIf(!here)("live (skipped: HUBBUB_GATEWAYS names no gateways)", { timeout: 30_000 }, () => {
  test("sign up, join, write, both ways, over two gateways", async () => {
    const [ada, bob] = [await signUp(here), await signUp(there)];
    expect(ada.client.me.get()).toEqual(ada.granted.user);
    const name = `room-${unique()}`;
    const of = await ada.client.rooms.create({ name });
    const at = await bob.client.rooms.join(name);
    expect(at.id).toBe(of.id);
    const heard: [string, string][] = [];
    of.on("message", ({ author, body }) => void heard.push([author.name, body]));
    const typing = new Promise<string>((resolve) => of.on("typing", ({ user }) => resolve(user)));
    expect(await at.send("hello")).toMatchObject({ room: of.id, message: expect.any(String) });
    expect(await of.send("hi")).toMatchObject({ room: of.id });
    await bob.client.request("typing", { room: of.id });
    expect(await typing).toBe(bob.granted.user.id);
    await until(() => heard.length === 2);
    expect(heard).toEqual([
      [bob.granted.user.name, "hello"],
      [ada.granted.user.name, "hi"],
    ]);
    const { messages } = await bob.client.request("history.get", { room: of.id });
    expect(messages.map(({ body }) => body)).toEqual(["hello", "hi"]);
    expect(await refusal(bob.client.request("room.get", { room: "#no-such-room" }))).toMatchObject({
      kind: "refused",
      reason: "ROOM_NOT_FOUND",
    });
  });

  test("a socket that is cut: resumed on the other gateway, nothing lost, nothing twice", async () => {
    const storage = memoryStorage();
    const [ada, bob] = [await signUp(here, storage), await signUp(there)];
    const of = await ada.client.rooms.create({ name: `room-${unique()}` });
    const at = await bob.client.rooms.join(of.id);
    const seqs: number[] = [];
    const bodies: string[] = [];
    const listen = (client: HubbubClient) =>
      client.on("message.new", ({ data, seq }) => {
        bodies.push(data.body);
        seqs.push(seq!);
      });
    listen(ada.client);
    await at.send("1");
    await until(() => bodies.length === 1);
    await wait(500);
    ada.client.close();
    for (const body of ["2", "3"]) await at.send(body);
    const next = wire(there, () => ada.granted, storage);
    let replayed = 0;
    next.client.on("message.new", (event) => void (replayed += event.replayed ? 1 : 0));
    listen(next.client);
    await next.client.connect();
    await until(() => bodies.length === 3);
    next.sockets[0]!.terminate();
    await at.send("4");
    await until(() => bodies.length === 4);
    expect(bodies).toEqual(["1", "2", "3", "4"]);
    expect(replayed).toBeGreaterThanOrEqual(2);
    expect([...seqs].sort((one, other) => one - other)).toEqual(seqs);
    expect(next.sockets.length).toBe(2);
  });

  test("a hundred messages while sockets are cut: each once, in order, on both sides", async () => {
    const [ada, bob] = [await signUp(here), await signUp(there)];
    const of = await ada.client.rooms.create({ name: `room-${unique()}` });
    const at = await bob.client.rooms.join(of.id);
    const heard: Record<string, string[]> = { ada: [], bob: [] };
    of.on("message", ({ body }) => void heard["ada"]!.push(body));
    at.on("message", ({ body }) => void heard["bob"]!.push(body));
    const written = Array.from({ length: 100 }, (_, at) => String(at));
    const sent = written.map((body) => of.send(body));
    for (let cut = 0; cut < 3; cut++) {
      await wait(300);
      (cut % 2 ? bob : ada).sockets.at(-1)!.terminate();
    }
    await Promise.all(sent);
    await until(() => heard["bob"]!.length === 100 && heard["ada"]!.length === 100);
    expect(heard).toEqual({ ada: written, bob: written });
  });

  test("what was written without a network is sent by the next life", async () => {
    const storage = memoryStorage();
    const ada = await signUp(here, storage);
    const of = await ada.client.rooms.create({ name: `room-${unique()}` });
    ada.network.isUp = false;
    ada.sockets[0]!.terminate();
    const keys = ["1", "2"].map((body) => of.send(body).key);
    await wait(100);
    ada.client.close();
    const next = wire(there, () => ada.granted, storage);
    await next.client.ready;
    expect(next.client.me.get()).toEqual(ada.granted.user);
    expect(next.client.outbox.items.get().map(({ key }) => key)).toEqual(keys);
    await next.client.connect();
    await until(() => next.client.outbox.items.get().length === 0);
    const { messages } = await next.client.request("history.get", { room: of.id });
    expect(messages.map(({ body, key }) => [body, key])).toEqual([
      ["1", keys[0]],
      ["2", keys[1]],
    ]);
  });

  test("logged out: the server knows, and nothing is left", async () => {
    const storage = memoryStorage();
    const { client, granted } = await signUp(here, storage);
    await client.storage.put("cache", "x", 1);
    await client.logout();
    expect(client.me.get()).toBeNull();
    expect(await storage.all(`${granted.user.id}/cache`)).toEqual([]);
    const again = wire(there, () => granted, null);
    const error = await refusal(again.client.connect());
    expect(error).toMatchObject({ kind: "closed" });
    expect(["session_over", "unauthenticated", "session_unknown"]).toContain(error.reason);
  });
});
