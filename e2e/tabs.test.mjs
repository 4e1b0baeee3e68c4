// Two tabs of one person: one outbox, one session.

import assert from "node:assert/strict";
import { after, before } from "node:test";
import { Balancer } from "./balancer.mjs";
import { Bot } from "./bots.mjs";
import { Person, gateways, randomName, scene, useBrowser } from "./people.mjs";

const place = useBrowser();
const PATIENCE_MS = 45_000;
let balancer;

before(async () => {
    balancer = await Balancer.before(gateways);
});
after(() => balancer?.close());

async function twoTabs() {
    balancer.mend();
    const ada = await Person.arrive(place.browser, balancer.url, { prefix: "ada" });
    ada.toleratesCuts();
    const bob = await Bot.arrive(gateways[1], { prefix: "bob" });
    const room = await bob.createRoom(randomName("desk"));
    await ada.signUp();
    await ada.enterRoom(room);
    const second = await ada.openTab({ path: `/#/rooms/${room}` });
    await ada.online(second).waitFor();
    await ada.composer(second).waitFor();
    return { ada, bob, room, second };
}

scene("what was written in two tabs is sent once, also when one of them is gone", async () => {
    const { ada, bob, second } = await twoTabs();
    balancer.cut();
    for (const page of [ada.page, second]) await ada.connection("recovering", page).waitFor();
    const here = ["one, here", "two, here"];
    const there = ["one, there", "two, there"];
    for (const text of here) await ada.say(text);
    for (const text of there) await ada.say(text, second);
    for (const text of there) await ada.hears(text, { status: "pending", page: second });
    // The tab that goes has handed over what it wrote, and the one that stays knows of it.
    await ada.isTold("4 messages waiting");
    await second.close();

    balancer.mend();
    for (const text of [...here, ...there]) await ada.message(text).waitFor({ timeout: PATIENCE_MS });
    await ada.say("that is all");
    await bob.sees(({ type, data }) => type === "message.new" && data.body === "that is all");
    const heard = bob.events.filter(({ type }) => type === "message.new").map(({ data }) => data.body);
    assert.deepEqual(heard.toSorted(), [...here, ...there, "that is all"].toSorted(), "each once");
    assert.deepEqual(
        heard.filter((body) => body.endsWith(" here")),
        here,
        "in order",
    );
    assert.deepEqual(
        heard.filter((body) => body.endsWith(" there")),
        there,
        "in order",
    );
    await ada.hears("that is all");
    assert.deepEqual(await ada.heard(), heard, "as the others see it");
});

scene("both tabs show the same conversation", async () => {
    const { ada, second } = await twoTabs();
    await ada.say("from the first");
    await ada.hears("from the first", { page: second });
    await ada.say("from the second", second);
    for (const text of ["from the first", "from the second"])
        for (const page of [ada.page, second]) await ada.hears(text, { page });
    assert.deepEqual(await ada.heard({ page: second }), await ada.heard());
});

scene("a log-out in one tab is one in all, and leaves nothing behind", async () => {
    const { ada, second } = await twoTabs();
    await ada.say("a secret of mine");
    await ada.hears("a secret of mine", { page: second });
    await ada.logOut();
    await second.getByLabel("Password", { exact: true }).waitFor();
    await ada.page.reload();
    await ada.page.getByLabel("Password", { exact: true }).waitFor();
    const kept = await ada.page.evaluate(async () => {
        const databases = (await indexedDB.databases()).map(({ name }) => name);
        const texts = await Promise.all(databases.map(dump));
        return texts.join("\n") + JSON.stringify({ ...localStorage });

        function dump(name) {
            return new Promise((done, fail) => {
                const opening = indexedDB.open(name);
                opening.onerror = () => fail(opening.error);
                opening.onsuccess = async () => {
                    const database = opening.result;
                    const rows = await Promise.all([...database.objectStoreNames].map((table) => all(database, table)));
                    database.close();
                    done(JSON.stringify(rows));
                };
            });
        }
        function all(database, table) {
            return new Promise((done) => {
                const reading = database.transaction(table).objectStore(table).getAll();
                reading.onsuccess = () => done(reading.result);
            });
        }
    });
    assert.ok(!kept.includes("a secret of mine"), "what was read is wiped");
});
