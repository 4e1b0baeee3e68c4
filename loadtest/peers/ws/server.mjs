// Rooms in memory over ws: what is sent is told to everyone in the room and acknowledged, and kept nowhere.

import { WebSocket, WebSocketServer } from "ws";

const rooms = new Map();

function enter(room, socket) {
    if (!rooms.has(room)) rooms.set(room, new Set());
    rooms.get(room).add(socket);
    socket.on("close", () => rooms.get(room)?.delete(socket));
}

function tell(room, frame) {
    // Written once for all members.
    const data = Buffer.from(JSON.stringify(frame));
    for (const member of rooms.get(room) ?? []) {
        if (member.readyState === WebSocket.OPEN) member.send(data, { binary: false });
    }
}

const server = new WebSocketServer({ host: "127.0.0.1", port: Number(process.env.PORT), perMessageDeflate: false });

server.on("connection", (socket) => {
    socket.on("error", () => socket.terminate());
    socket.on("message", (text) => {
        const { type, id, room, body } = JSON.parse(text);
        if (type === "join") {
            enter(room, socket);
            socket.send(JSON.stringify({ type: "joined", room }));
        } else if (type === "send") {
            tell(room, { type: "message", room, body, at: Date.now() });
            socket.send(JSON.stringify({ type: "ack", id }));
        }
    });
});

process.on("SIGTERM", () => process.exit(0));
