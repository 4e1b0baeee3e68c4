/** A model of the server: what it stores, whom it told, and all the ways in which a network may fail it. */

import type { Durable, Frame } from "../src/codec.ts";
import type { WelcomeRoom } from "../src/gen/protocol.ts";
import type { FakeSocket } from "./world.ts";
import { World } from "./world.ts";

export const ME = "00000000-0000-7000-8000-000000000001";

/** What happens to a request. */
export type Fate =
  | "answer"
  /** It never arrives. */
  | "lose"
  /** It is done, and the answer is lost. */
  | "silence"
  /** It is done, and the connection breaks before the answer. */
  | "cut"
  /** It is refused for asking too much. */
  | "limit";

/** What happens to a frame on its way to the client. Frames of one stream come in order, or are missing. */
export type Way = "arrive" | "miss" | "twice";

interface Logged {
  seq: number;
  id: string;
  body: string;
  /** Whether this client may see it. */
  isVisible: boolean;
}

interface Connection {
  readonly socket: FakeSocket;
  isGreeted: boolean;
  /** By room, the last seq that it was told of. */
  readonly told: Map<string, number>;
  /** By room, the last seq that was decided for it. */
  readonly at: Map<string, number>;
}

const idOf = (room: string, seq: number) => `${room}-${seq}`.padEnd(36, "0");

export class Server {
  readonly world: World;
  readonly logs = new Map<string, Logged[]>();
  readonly fates: Fate[] = [];
  /** More events than this are not replayed. */
  replayMax = 3;
  user = { id: ME, name: "ada", role: "USER" as const };
  feedHead = 0;
  /** Whether there is a way to it. */
  isReachable = true;
  welcomes = 0;
  #keys = new Map<string, object>();
  #connections = new Map<FakeSocket, Connection>();

  constructor(world: World, rooms: string[] = ["r1"]) {
    this.world = world;
    for (const room of rooms) this.logs.set(room, []);
    world.onSocket = (socket) => this.#accept(socket);
    world.onFrame = (socket, frame) => this.#take(socket, frame);
    world.onClosed = (socket) => void this.#connections.delete(socket);
    const reply = world.reply;
    world.reply = (method, path, init) => (this.isReachable ? reply(method, path, init) : new Error("unreachable"));
  }

  head(room: string): number {
    return this.logs.get(room)!.length;
  }

  /** Stores an event. Connections are told of it by `tell`. */
  store(room: string, body: string, isVisible = true): Logged {
    const seq = this.head(room) + 1;
    const event = { seq, id: idOf(room, seq), body, isVisible };
    this.logs.get(room)!.push(event);
    return event;
  }

  /** Tells every connection what it does not know yet, each frame on its own way. */
  tell(ways: () => Way = () => "arrive"): void {
    for (const connection of this.#connections.values()) {
      for (const [room, log] of this.logs) {
        if (!connection.isGreeted || !connection.at.has(room)) continue;
        for (const event of log.slice(connection.at.get(room))) this.#tell(connection, room, event, ways());
      }
    }
  }

  disconnect(code = 1006): void {
    for (const { socket } of this.#connections.values()) socket.drop(code);
  }

  #tell(connection: Connection, room: string, event: Logged, way: Way, replayed = false): void {
    connection.at.set(room, event.seq);
    if (!event.isVisible) return;
    const frame = this.frame(room, event, connection.told.get(room)!);
    connection.told.set(room, event.seq);
    if (way === "miss") return;
    connection.socket.receive(replayed ? { ...frame, replayed } : frame);
    if (way === "twice") connection.socket.receive(frame);
  }

  frame(room: string, { seq, id, body }: Logged, prev: number): Durable {
    const data = { message: id, room, seq, at: seq, reactions: [], author: this.user, body, rev: 1, mentions: [] };
    return { type: "message.new", room, seq, prev, cursor: id, data };
  }

  #accept(socket: FakeSocket): void {
    queueMicrotask(() => {
      if (!this.isReachable) return socket.drop();
      this.#connections.set(socket, { socket, isGreeted: false, told: new Map(), at: new Map() });
      socket.open();
    });
  }

  #take(socket: FakeSocket, frame: Frame): void {
    const connection = this.#connections.get(socket);
    if (!connection) return;
    queueMicrotask(() => {
      if (frame.type === "hello") this.#greet(connection, frame);
      else if (frame.type === "history.sync") this.#sync(socket, frame);
      else if (frame.type === "message.send") this.#send(socket, frame as Frame & { key: string });
      else if (frame.type === "ping") socket.receive({ type: "pong", n: frame.n });
      else if (frame.id !== undefined) socket.receive({ type: "ok", id: frame.id, data: {} });
    });
  }

  #greet(connection: Connection, hello: Frame): void {
    this.welcomes++;
    const { resume } = hello.data as { resume: { cursors: Record<string, [number, string]> } };
    const rooms: WelcomeRoom[] = [...this.logs.keys()].map((id) => {
      const head = this.head(id);
      const cursor = head ? idOf(id, head) : "";
      return { id, kind: "channel", name: id, head, cursor, read: 0, unread: 0, mentions: 0, epoch: 0 };
    });
    const { socket } = connection;
    const heartbeat = { intervalMs: 25_000, timeoutMs: 20_000 };
    const feed = { stream: this.user.id, head: this.feedHead };
    const rest = {
      session: "s",
      tenant: "t",
      resumed: true,
      limits: {},
      caps: [],
      expiresAt: 9_000_000_000_000,
      server: "g",
    };
    socket.receive({ type: "welcome", data: { ...rest, user: this.user, heartbeat, rooms, feed } });
    connection.isGreeted = true;
    for (const { id: room, head } of rooms) this.#place(connection, room, head, resume.cursors[room]);
  }

  #place(connection: Connection, room: string, head: number, cursor: [number, string] | undefined): void {
    const seq = cursor?.[0] ?? head;
    const isTrue = !cursor || (seq <= head && (seq === 0 || cursor[1] === idOf(room, seq)));
    const isReplayed = isTrue && head - seq <= this.replayMax;
    connection.told.set(room, isReplayed ? seq : head);
    connection.at.set(room, isReplayed ? seq : head);
    if (!isTrue) return connection.socket.receive({ type: "room.reset", room, data: { room, head } });
    if (!isReplayed) {
      return connection.socket.receive({ type: "room.gap", room, data: { room, from: seq + 1, to: head, head } });
    }
    for (const event of this.logs.get(room)!.slice(seq)) this.#tell(connection, room, event, "arrive", true);
  }

  #sync(socket: FakeSocket, { id, data }: Frame): void {
    const { room, after } = data as { room: string; after: number };
    const fate = this.fates.shift() ?? "answer";
    if (fate === "lose" || fate === "silence") return;
    if (fate === "cut") return socket.drop();
    if (fate === "limit") return this.#limit(socket, id);
    let prev = after;
    const events = this.logs
      .get(room)!
      .slice(after, after + 100)
      .filter((event) => event.isVisible)
      .map((event) => {
        const frame = this.frame(room, event, prev);
        prev = event.seq;
        return frame;
      });
    socket.receive({ type: "ok", id, data: { events, head: this.head(room) } });
  }

  #send(socket: FakeSocket, { id, key, data }: Frame & { key: string }): void {
    const { room, body } = data as { room: string; body: string };
    const fate = this.fates.shift() ?? "answer";
    if (fate === "lose") return;
    if (fate === "limit" && !this.#keys.has(key)) return this.#limit(socket, id);
    let answer = this.#keys.get(key);
    if (!answer) {
      const { seq, id: message } = this.store(room, body);
      answer = { message, room, seq, at: seq };
      this.#keys.set(key, answer);
    }
    if (fate === "cut") return socket.drop();
    if (fate !== "silence") socket.receive({ type: "ok", id, data: answer });
  }

  #limit(socket: FakeSocket, id: string | undefined): void {
    const error = { code: "RESOURCE_EXHAUSTED", reason: "RATE_LIMITED", message: "slowly", retry: true };
    socket.receive({ type: "error", id, error: { ...error, retryAfterMs: 70 } });
  }
}
