// A crowd: as many people as HUBBUB_CROWD says (20 by default), each in a browser context of their own, over all gateways,
// all writing at once.

import assert from "node:assert/strict";
import { Person, gateways, randomName, scene, useBrowser } from "./people.mjs";

const SIZE = Number(process.env.HUBBUB_CROWD ?? 20);
// That many sign-ups at a time: each costs the server a password hash and this machine a page.
const AT_ONCE = 5;
const PATIENCE_MS = 60_000;
// High enough to show everything that is said.
const WINDOW = { viewport: { width: 800, height: 1_500 }, serviceWorkers: "block", reducedMotion: "reduce" };

const place = useBrowser();

async function arrive(index) {
    const person = await Person.arrive(place.browser, gateways[index % gateways.length], {
        prefix: `c${index}`,
        context: WINDOW,
    });
    person.tolerates(/service.?worker/iu);
    person.page.setDefaultTimeout(PATIENCE_MS);
    await person.signUp();
    return person;
}

scene("a crowd in browsers talks at once, and all see the same", async (t) => {
    const began = performance.now();
    const tell = (what) => t.diagnostic(`${what} after ${((performance.now() - began) / 1000).toFixed(1)} s`);
    const room = randomName("square");
    const host = await arrive(0);
    await host.createRoom(room);
    const id = host.room();
    const crowd = [host];
    for (let first = 1; first < SIZE; first += AT_ONCE) {
        const group = Array.from({ length: Math.min(AT_ONCE, SIZE - first) }, (_, i) => arrive(first + i));
        const people = await Promise.all(group);
        await Promise.all(people.map((person) => person.enterRoom(id)));
        crowd.push(...people);
    }
    tell("all are in the room");
    const said = crowd.map((_, index) => `words of ${index}`);
    await Promise.all(crowd.map((person, index) => person.say(said[index])));
    // One look at a page for all that is said: four hundred would keep the pages from their work.
    const isHeard = (count) => document.querySelectorAll('article[data-status="sent"]').length === count;
    const patience = { polling: 250, timeout: PATIENCE_MS };
    await Promise.all(crowd.map(({ page }) => page.waitForFunction(isHeard, SIZE, patience)));

    tell("all have heard all");
    const seen = await Promise.all(crowd.map((person) => person.heard()));
    assert.deepEqual(seen[0].toSorted(), said.toSorted(), "each message once");
    for (const other of seen) assert.deepEqual(other, seen[0], "one order for all");
});
