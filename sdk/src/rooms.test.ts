import { expect, test } from "vitest";

import { start } from "../test/start.ts";
import { settle } from "../test/world.ts";

const ID = "00000000-0000-7000-8000-0000000000aa";

test("a room by its name, with its own events only", async () => {
  const { world, server, client } = await start({}, [ID, "other"]);
  const model = world.onFrame!;
  world.onFrame = (socket, frame) => {
    const joined = { room: { id: ID }, head: 0, cursor: "", messages: [], members: [] };
    if (/^room\.(join|create)$/.test(frame.type)) socket.receive({ type: "ok", id: frame.id, data: joined });
    else model(socket, frame);
  };
  const room = await client.rooms.join("tea");
  await client.rooms.join("#tea");
  await client.rooms.join(ID);
  expect(world.socket.of("room.join").map(({ data }) => data)).toEqual([
    { room: "#tea" },
    { room: "#tea" },
    { room: ID },
  ]);
  expect(room.id).toBe(ID);
  expect(room.joined.members).toEqual([]);
  expect((await client.rooms.create({ name: "new" })).created.room).toEqual({ id: ID });
  const got: unknown[] = [];
  const stop = room.on("message", ({ body }, { seq }) => void got.push([body, seq]));
  room.on("typing", ({ user }) => void got.push(user));
  room.on("message.new", ({ body }) => void got.push(body), { signal: AbortSignal.abort() });
  server.store("other", "not here");
  expect(await room.send("hi", { thread: "t" })).toMatchObject({ seq: 1 });
  server.tell();
  world.socket.receive({ type: "typing", room: ID, data: { user: "bob", until: 1 } });
  stop();
  server.store(ID, "unheard");
  server.tell();
  expect(got).toEqual([["hi", 1], "bob"]);
  expect(world.socket.of("message.send")[0]!.data).toEqual({ room: ID, body: "hi", thread: "t" });
  await client.rooms.of(ID).leave();
  await settle();
  expect(world.socket.of("room.leave")[0]!.data).toEqual({ room: ID });
});
