// Rooms over Socket.IO: stored in Postgres before they are acknowledged, and told to other processes through Redis.
// As the documentation of each part advises: WebSocket only, no compression, a prepared statement, a pool.

import { createServer } from "node:http";
import { createAdapter } from "@socket.io/redis-adapter";
import pg from "pg";
import { createClient } from "redis";
import { Server } from "socket.io";

const { PORT, DATABASE_URL, REDIS_URL } = process.env;

const TABLE = `create table if not exists messages (
  id bigint generated always as identity primary key,
  room text not null,
  author text not null,
  body text not null,
  at timestamptz not null default now()
)`;
const INSERT = {
    name: "insert-message",
    text: "insert into messages (room, author, body) values ($1, $2, $3) returning id, at",
};

const pool = new pg.Pool({ connectionString: DATABASE_URL, max: 16 });
await pool.query(TABLE);

const publisher = createClient({ url: REDIS_URL });
const subscriber = publisher.duplicate();
for (const client of [publisher, subscriber]) {
    client.on("error", (error) => console.error("redis:", error.message));
    await client.connect();
}

const server = createServer();
const io = new Server(server, {
    adapter: createAdapter(publisher, subscriber),
    perMessageDeflate: false,
    serveClient: false,
    transports: ["websocket"],
});

io.on("connection", (socket) => {
    socket.on("join", async (room, answer) => {
        await socket.join(room);
        answer();
    });

    socket.on("send", async ({ room, body }, answer) => {
        const author = socket.id;
        try {
            const stored = await pool.query({ ...INSERT, values: [room, author, body] });
            const { id, at } = stored.rows[0];
            io.to(room).emit("message", { id, room, author, body, at });
            answer({ id, at });
        } catch (error) {
            // No answer: the sender does not know, and asks again.
            console.error("postgres:", error.message);
        }
    });
});

process.on("SIGTERM", () => process.exit(0));
server.listen(Number(PORT), "127.0.0.1");
