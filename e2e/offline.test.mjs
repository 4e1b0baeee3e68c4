// Away from the network, in three ways: what was written is kept, across a reload, and sent exactly once.

import assert from "node:assert/strict";
import { after, before } from "node:test";
import { Balancer } from "./balancer.mjs";
import { Bot } from "./bots.mjs";
import { Person, gateways, randomName, scene, useBrowser } from "./people.mjs";

const place = useBrowser();
const WRITTEN = ["first while away", "second while away", "third while away"];
// A dead link is noticed when its heartbeat stays out, and the next attempt may be half a minute off.
const PATIENCE_MS = 60_000;

let balancer;

before(async () => {
    balancer = await Balancer.before(gateways);
});
after(() => balancer?.close());

/** The ways to lose a network, and to get it back. */
const ways = {
    "the device is offline": {
        lose: ({ ada }) => ada.context.setOffline(true),
        regain: ({ ada }) => ada.context.setOffline(false),
        isKnown: ({ ada }) => ada.connection("offline").waitFor(),
    },
    "connections are cut": {
        lose: () => balancer.cut(),
        regain: () => balancer.mend(),
        isKnown: ({ ada }) => ada.connection("recovering").waitFor(),
    },
    "the network swallows everything": {
        lose: () => balancer.swallow(),
        regain: () => balancer.mend(),
        // Nothing tells: for the page all is well until an answer stays out.
        isKnown: () => {},
    },
};

async function meet() {
    balancer.mend();
    const ada = await Person.arrive(place.browser, balancer.url, { prefix: "ada" });
    ada.toleratesCuts();
    const bob = await Bot.arrive(gateways[1], { prefix: "bob" });
    const room = await bob.createRoom(randomName("island"));
    await bob.say(room, "before");
    await ada.signUp();
    await ada.enterRoom(room);
    await ada.hears("before");
    // The page opens without a network once its worker has all files.
    await ada.page.evaluate(async () => {
        const { active } = await navigator.serviceWorker.ready;
        if (active.state === "activated") return;
        await new Promise((done) =>
            active.addEventListener("statechange", () => active.state === "activated" && done()),
        );
    });
    await ada.say("seen by bob");
    await ada.hears("seen by bob");
    await bob.sees(({ type, data }) => type === "message.new" && data.body === "seen by bob");
    return { ada, bob, room };
}

const bodies = (bot) => bot.events.filter(({ type }) => type === "message.new").map(({ data }) => data.body);

for (const [title, way] of Object.entries(ways)) {
    scene(`${title}: what was written waits, outlives a reload, and is sent once`, async () => {
        const story = await meet();
        const { ada, bob, room } = story;
        await way.lose(story);
        await way.isKnown(story);
        for (const text of WRITTEN) await ada.say(text);
        for (const text of WRITTEN) await ada.hears(text, { status: "pending" });

        await ada.page.reload({ waitUntil: "domcontentloaded" });
        await ada.hears("before");
        await ada.hears("seen by bob");
        for (const text of WRITTEN) await ada.hears(text, { status: "pending" });
        await ada.isTold("3 messages waiting");
        await bob.say(room, "said meanwhile");

        await way.regain(story);
        await ada.online().waitFor({ timeout: PATIENCE_MS });
        for (const text of WRITTEN) await ada.message(text).waitFor({ timeout: PATIENCE_MS });
        await ada.hears("said meanwhile");
        await ada.say("back");
        await bob.sees(({ type, data }) => type === "message.new" && data.body === "back");
        const heard = bodies(bob).filter((body) => WRITTEN.includes(body));
        assert.deepEqual(heard, WRITTEN, "each once and in order");
        await ada.hears("back");
        assert.deepEqual(await ada.heard(), ["before", "seen by bob", "said meanwhile", ...WRITTEN, "back"]);
    });
}

scene("what was read can be read again offline, in every room that was open", async () => {
    const { ada, bob } = await meet();
    const names = [randomName("north"), randomName("south")];
    for (const name of names) {
        const room = await bob.createRoom(name);
        for (const text of ["one", "two", "three"]) await bob.say(room, `${text} of ${name}`);
        await ada.joinRoom(name);
        await ada.hears(`three of ${name}`);
    }
    balancer.cut();
    await ada.page.reload({ waitUntil: "domcontentloaded" });
    for (const name of names) {
        await ada.openRoom(name);
        await ada.hears(`three of ${name}`);
        assert.deepEqual(
            await ada.heard(),
            ["one", "two", "three"].map((text) => `${text} of ${name}`),
        );
    }
    balancer.mend();
});
