// People without a browser: they fill rooms quickly, so that the tests can look at what a browser makes of it.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import WebSocket from "ws";
import { adminName, adminPassword, randomName, welcome } from "./people.mjs";

const PROTOCOL = "hubbub.v1.json";
const PATIENCE_MS = 15_000;
const ANSWER_MS = 5_000;
const MOST_TRIES = 50;
// Whoever is refused 30 times within 10 s is sent away.
const CALM_MS = 500;

async function post(gateway, path, body) {
    const headers = { "content-type": "application/json" };
    const response = await fetch(gateway + path, { method: "POST", headers, body: JSON.stringify(body) });
    const answer = await response.json();
    assert.ok(response.ok, `${path}: ${JSON.stringify(answer)}`);
    return answer;
}

const pause = (ms) => new Promise((done) => setTimeout(done, ms));

export class Bot {
    #socket;
    #waiting = new Map();
    #listeners = new Set();
    #next = 0;
    /** Every event since the beginning. */
    events = [];

    static async arrive(
        gateway,
        { prefix = "bot", name = randomName(prefix), password = `long staple ${randomUUID()}` } = {},
    ) {
        return Bot.#enter(gateway, "/signup", name, password);
    }

    static administrator = (gateway) => Bot.#enter(gateway, "/login", adminName, adminPassword);

    static async #enter(gateway, path, username, password) {
        const { token, user } = await post(gateway, path, { username, password });
        const bot = new Bot();
        Object.assign(bot, { name: username, password, id: user.id });
        welcome(bot);
        await bot.#connect(gateway, token);
        return bot;
    }

    async #connect(gateway, token) {
        this.#socket = new WebSocket(`${gateway.replace("http", "ws")}/v1/rt`, PROTOCOL);
        await new Promise((open, fail) => this.#socket.once("open", open).once("error", fail));
        this.#socket.on("message", (data) => this.#take(JSON.parse(String(data))));
        this.#send({ type: "hello", data: { token } });
        await this.sees(({ type }) => type === "welcome");
    }

    #send(frame) {
        this.#socket.send(JSON.stringify(frame));
    }

    #take(frame) {
        if (frame.type === "ping") return this.#send({ type: "pong", n: frame.n });
        if (frame.type === "ok" || frame.type === "error") {
            this.#waiting.get(frame.id)?.(frame);
            this.#waiting.delete(frame.id);
            return;
        }
        this.events.push(frame);
        for (const listener of this.#listeners) listener(frame);
    }

    /** The first event, past or to come, for which the condition holds. */
    sees(isWanted, patience = PATIENCE_MS) {
        const past = this.events.find(isWanted);
        if (past) return Promise.resolve(past);
        return new Promise((done, fail) => {
            const timer = setTimeout(() => fail(new Error(`${this.name} waited in vain for an event`)), patience);
            const listen = (frame) => {
                if (!isWanted(frame)) return;
                clearTimeout(timer);
                this.#listeners.delete(listen);
                done(frame);
            };
            this.#listeners.add(listen);
        });
    }

    /**
     * Asks, and waits as long as a limit says; the answer, or a failure with the refusal. No answer says nothing: the same
     * is asked again, with the same key.
     */
    async request(type, data = {}) {
        const key = randomUUID();
        for (let tries = 0; tries < MOST_TRIES; tries += 1) {
            const frame = await this.#ask({ type, key, data });
            if (frame?.type === "ok") return frame.data;
            if (frame && !frame.error.retry)
                throw Object.assign(new Error(`${type}: ${JSON.stringify(frame.error)}`), frame.error);
            if (frame) await pause(Math.max(frame.error.retryAfterMs, CALM_MS));
        }
        throw new Error(`${type}: no answer`);
    }

    #ask(frame) {
        const id = String((this.#next += 1));
        return new Promise((done) => {
            const timer = setTimeout(done, ANSWER_MS);
            this.#waiting.set(id, (answer) => {
                clearTimeout(timer);
                done(answer);
            });
            this.#send({ ...frame, id });
        });
    }

    /** A new room; its id. */
    async createRoom(name, data = {}) {
        const { room } = await this.request("room.create", { name, ...data });
        return room.id;
    }

    join = (room) => this.request("room.join", { room });
    say = (room, body, data = {}) => this.request("message.send", { room, body, ...data });

    leave() {
        this.#socket?.terminate();
    }
}

/** As many bots as it takes to say much quickly: each has a rate. */
export const crowdOfBots = (gateways, count) =>
    Promise.all(Array.from({ length: count }, (_, i) => Bot.arrive(gateways[i % gateways.length])));
