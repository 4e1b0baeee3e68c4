// What docs/quickstart.md promises: stock clients talk to a running stack without any library of ours.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const FOLDER = fileURLToPath(new URL(".", import.meta.url));
const SCRIPT = fileURLToPath(new URL("../docs/quickstart.py", import.meta.url));
const gateways = (process.env.HUBBUB_GATEWAYS ?? "").split(",").filter(Boolean);
const DEADLINE_MS = 30_000;

const random = () => Math.random().toString(36).slice(2, 10);

async function signUp(gateway) {
    const response = await fetch(`${gateway}/signup`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ username: `cat-${random()}`, password: `correct horse ${random()}` }),
    });
    const body = await response.json();
    assert.equal(response.status, 201, JSON.stringify(body));
    return body;
}

// A child process with its output; whatever happens it is gone when the test ends.
function run(t, command, args) {
    const child = spawn(command, args, { cwd: FOLDER, detached: true, stdio: ["pipe", "pipe", "pipe"] });
    const running = { child, output: "", listeners: new Set() };
    for (const stream of [child.stdout, child.stderr]) {
        stream.setEncoding("utf8").on("data", (text) => {
            running.output += text;
            for (const listener of running.listeners) listener();
        });
    }
    running.exit = new Promise((resolve, reject) => child.on("exit", resolve).on("error", reject));
    t.after(() => {
        // npx is a parent of the client: the whole group goes.
        try {
            process.kill(-child.pid, "SIGKILL");
        } catch {
            // It has ended already.
        }
    });
    return running;
}

function wscat(t, url, hello) {
    const client = run(t, "npx", [
        "--no-install",
        "wscat",
        "-c",
        url,
        "-s",
        "hubbub.v1.json",
        "-w",
        "30",
        "-x",
        JSON.stringify(hello),
    ]);
    // The first frame of a type that satisfies the condition; what the client printed else is shown on failure.
    client.frame = (type, isWanted = () => true) =>
        new Promise((resolve, reject) => {
            const end = (settle, value) => {
                clearTimeout(timer);
                client.listeners.delete(look);
                settle(value);
            };
            const look = () => {
                const frame = frames(client.output).find((each) => each.type === type && isWanted(each));
                if (frame) end(resolve, frame);
            };
            const fail = (why) => end(reject, new Error(`no ${type}: ${why}; the client said:\n${client.output}`));
            const timer = setTimeout(() => fail("too late"), DEADLINE_MS);
            client.exit.then(
                (code) => fail(`it ended with ${code}`),
                (error) => fail(error.message),
            );
            client.listeners.add(look);
            look();
        });
    return client;
}

function frames(output) {
    const lines = output.split("\n").map((line) => line.slice(line.indexOf("{")).trim());
    return lines.flatMap((line) => {
        try {
            return [JSON.parse(line)];
        } catch {
            return [];
        }
    });
}

const hello = (data) => ({ type: "hello", data });
const socketOf = (gateway) => `${gateway.replace("http", "ws")}/v1/rt`;

test("there are two gateways", () => {
    assert.ok(gateways.length >= 2, "HUBBUB_GATEWAYS must name two gateways, separated by a comma");
});

test("wscat with a token is welcome", async (t) => {
    const { token, user } = await signUp(gateways[0]);
    const client = wscat(t, socketOf(gateways[0]), hello({ token }));
    const { data } = await client.frame("welcome");
    assert.deepEqual(data.user, user);
    assert.equal(data.resumed, false);
});

test("wscat with the session in the query is welcome on the other gateway", async (t) => {
    const { session, user } = await signUp(gateways[0]);
    const client = wscat(t, `${socketOf(gateways[1])}?session=${session}`, hello({}));
    const { data } = await client.frame("welcome");
    assert.deepEqual(data.user, user);
});

test("wscat with a wrong token is told goodbye", async (t) => {
    const client = wscat(t, socketOf(gateways[0]), hello({ token: "not a token" }));
    const { data } = await client.frame("bye");
    assert.equal(Math.floor(data.code / 100), 44, "a code of the range that must not come back by itself");
    assert.equal(data.reconnect, "never");
});

test("the Python script of the quickstart talks over both gateways", { skip: !existsSync(SCRIPT) }, async (t) => {
    const script = run(t, process.env.HUBBUB_PYTHON ?? "python3", [SCRIPT, gateways[0], gateways[1]]);
    const timer = setTimeout(() => script.child.kill("SIGKILL"), DEADLINE_MS);
    const code = await script.exit;
    clearTimeout(timer);
    assert.equal(code, 0, script.output);
    const seqs = [...script.output.matchAll(/sees seq (\d+)/g)].map(([, seq]) => Number(seq));
    assert.equal(seqs.length, 6, "three messages seen by two people");
    assert.deepEqual(
        seqs.filter((_, i) => i % 2 === 0),
        seqs.filter((_, i) => i % 2 === 1),
        "the same order for both",
    );
    assert.match(script.output, /resumed: True/, "it came back on the other gateway");
});
