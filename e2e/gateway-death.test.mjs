// A gateway dies without a word while somebody is writing: nothing is lost, nothing comes twice.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { Balancer } from "./balancer.mjs";
import { Bot } from "./bots.mjs";
import { Person, gateways, randomName, scene, useBrowser } from "./people.mjs";

const place = useBrowser();
const state = process.env.HUBBUB_STATE;
const MESSAGES = 30;
const KILLED_AT = 12;
const PATIENCE_MS = 45_000;

const pidOf = async (gateway) => Number(await readFile(join(state, "run", `gateway-${gateway + 1}.pid`), "utf8"));

async function kill(gateway) {
    process.kill(await pidOf(gateway), "SIGKILL");
}

/** Whoever is killed comes back; the tests after this one talk to both. */
async function allAnswer() {
    const end = performance.now() + PATIENCE_MS;
    // Whatever it says, it answers: whether it is ready is told at an inner port.
    const answers = (gateway) =>
        fetch(gateway).then(
            () => true,
            () => false,
        );
    for (const gateway of gateways)
        while (!(await answers(gateway))) {
            assert.ok(performance.now() < end, `${gateway} does not come back`);
            await setTimeout(100);
        }
}

scene(
    "a gateway is killed while somebody writes: nothing is lost or doubled",
    { skip: !state && "HUBBUB_STATE says where the processes are" },
    async () => {
        const balancer = await Balancer.before(gateways);
        try {
            const ada = await Person.arrive(place.browser, balancer.url, { prefix: "ada" });
            ada.toleratesCuts();
            await ada.signUp();
            const room = randomName("quake");
            await ada.createRoom(room);
            const [holder] = balancer.holders();
            assert.ok(holder !== undefined, "the balancer knows who holds the socket");
            const bob = await Bot.arrive(gateways[1 - holder], { prefix: "bob" });
            await bob.join(`#${room}`);

            // What the shell says on the way, each phase once in a row.
            await ada.page.evaluate(() => {
                const shell = document.querySelector("[data-connection]");
                globalThis.phases = [shell.dataset.connection];
                const note = () =>
                    globalThis.phases.at(-1) !== shell.dataset.connection &&
                    globalThis.phases.push(shell.dataset.connection);
                new MutationObserver(note).observe(shell, { attributeFilter: ["data-connection"] });
            });
            const said = Array.from({ length: MESSAGES }, (_, i) => `tremor ${i}`);
            for (const [i, text] of said.entries()) {
                if (i === KILLED_AT) await kill(holder);
                await ada.say(text);
            }
            await ada.online().waitFor({ timeout: PATIENCE_MS });
            const last = ({ type, data }) => type === "message.new" && data.body === said.at(-1);
            await bob.sees(last, PATIENCE_MS);
            await ada.hears(said.at(-1));
            const heard = bob.events.filter(({ type }) => type === "message.new").map(({ data }) => data.body);
            assert.deepEqual(heard, said, "the other side sees each once, in order");
            assert.deepEqual(await ada.heard(), said, "the writer, too");
            assert.deepEqual(await ada.heard({ status: "pending" }), []);

            const phases = await ada.page.evaluate(() => globalThis.phases);
            assert.equal(phases[0], "online");
            assert.equal(phases.at(-1), "online");
            assert.ok(phases.includes("recovering"), `the shell said ${phases.join(", ")}`);
        } finally {
            await balancer.close();
            await allAnswer();
        }
    },
);
