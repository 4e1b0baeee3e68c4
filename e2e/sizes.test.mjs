// Sizes and weights: nothing is wider than its screen, nothing jumps, and the first visit is light.

import assert from "node:assert/strict";
import { Bot } from "./bots.mjs";
import { Person, gateways, randomName, scene, useBrowser, widthIsRespected } from "./people.mjs";
import { consolePlacesOf, furnish, placesOf, visit } from "./screens.mjs";

const place = useBrowser();
const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
const DESKTOP = { viewport: { width: 1280, height: 800 } };
const FIRST_LOAD_BYTES = 150 * 1024;
const FIRST_PAINT_MS = 3_000;
const MOST_SHIFT = 0.05;
const HISTORY = 120;

scene("no screen is wider than a phone or a desktop", async () => {
    const world = await furnish(place.browser, gateways[0]);
    const root = await Person.administrator(place.browser, gateways[0]);
    for (const [device, { viewport }] of Object.entries({ phone: PHONE, desktop: DESKTOP })) {
        for (const [person, places] of [
            [world.ada, placesOf(world)],
            [root, consolePlacesOf(world)],
        ]) {
            await person.page.setViewportSize(viewport);
            for (const each of places) {
                await visit(person, each);
                await widthIsRespected(person.page, `${each[0]}, ${device}`);
            }
        }
    }
});

scene("a phone's own layout: one column, places at the bottom, a way back", async () => {
    const ada = await Person.arrive(place.browser, gateways[0], { prefix: "ada", context: PHONE });
    await widthIsRespected(ada.page, "welcome, phone");
    await ada.signUp();
    const bot = await Bot.arrive(gateways[1]);
    const name = randomName("pocket");
    const room = await bot.createRoom(name);
    await bot.say(room, "hello, pocket");
    await ada.enterRoom(room);
    await ada.hears("hello, pocket");
    await widthIsRespected(ada.page, "conversation, phone");
    await ada.composer().fill("from my pocket");
    await ada.page.getByRole("button", { name: "Send", exact: true }).click();
    await ada.hears("from my pocket");
    await ada.page.getByRole("button", { name: "Back" }).click();
    const bar = ada.page.getByRole("navigation", { name: "Places", exact: true });
    await bar.waitFor();
    for (const link of await bar.getByRole("link").all()) {
        const { height, width } = await link.boundingBox();
        assert.ok(height >= 44 && width >= 44, `a thumb needs 44 px: ${width} by ${height}`);
    }
    await ada.page.getByRole("link", { name }).click();
    await ada.hears("from my pocket");
});

/** Adds up every shift of the layout from now on, those soon after a key or a click, too. */
const watchShifts = (page) =>
    page.addInitScript(() => {
        globalThis.shifts = [];
        const note = (entries) => {
            for (const { value, sources } of entries) {
                const what = sources.map(({ node }) => node?.className ?? node?.nodeName ?? "?").join(", ");
                globalThis.shifts.push({ value, what });
            }
        };
        const observer = new PerformanceObserver((list) => note(list.getEntries()));
        observer.observe({ type: "layout-shift", buffered: true });
        // Also those that the observer has not been called for yet.
        globalThis.takeShifts = () => {
            note(observer.takeRecords());
            return globalThis.shifts.splice(0);
        };
    });

async function shiftIsSmall(page, where) {
    const shifts = await page.evaluate(() => globalThis.takeShifts());
    const sum = shifts.reduce((total, { value }) => total + value, 0);
    assert.ok(sum < MOST_SHIFT, `${where}: ${sum.toFixed(3)} ${JSON.stringify(shifts)}`);
}

scene("nothing jumps while a room with history opens", async () => {
    const bot = await Bot.arrive(gateways[1]);
    const name = randomName("still");
    const room = await bot.createRoom(name);
    for (let i = 0; i < HISTORY; i += 1) await bot.say(room, i % 7 ? `line ${i}` : `line ${i}\n\nof more\n\nthan one`);
    const ada = await Person.arrive(place.browser, gateways[0], { prefix: "ada", before: watchShifts });
    await ada.signUp();
    await ada.joinRoom(name);
    await ada.hears(`line ${HISTORY - 1}`);
    await ada.go("/friends");
    await ada.seesHeading("Friends");
    await ada.page.evaluate(() => globalThis.takeShifts());

    await ada.openRoom(name);
    await ada.hears(`line ${HISTORY - 1}`);
    await shiftIsSmall(ada.page, "opened from the list");
    await bot.say(room, "one more");
    await ada.hears("one more");
    await shiftIsSmall(ada.page, "a message came in");
    await ada.page.reload();
    await ada.hears("one more");
    await ada.online().waitFor();
    await shiftIsSmall(ada.page, "loaded anew");
});

/** What comes over the wire for scripts and styles, as the server packs it. */
function weigh(page) {
    const sizes = [];
    page.on("requestfinished", (request) => {
        if (["script", "stylesheet"].includes(request.resourceType())) {
            sizes.push(
                request.sizes().then(({ responseBodySize }) => ({ url: request.url(), bytes: responseBodySize })),
            );
        }
    });
    return async () => (await Promise.all(sizes)).reduce((sum, { bytes }) => sum + bytes, 0);
}

scene("the first visit is light and soon painted", async (t) => {
    let weight;
    const context = { serviceWorkers: "block" };
    const ada = await Person.arrive(place.browser, gateways[0], {
        prefix: "ada",
        context,
        before: async (page) => (weight = weigh(page)),
    });
    ada.tolerates(/service.?worker/iu);
    await ada.page.getByLabel("Password", { exact: true }).waitFor();
    const painted = await ada.page.evaluate(
        () =>
            new Promise((done) => {
                const look = (list) =>
                    list.getEntriesByName("first-contentful-paint").forEach(({ startTime }) => done(startTime));
                new PerformanceObserver(look).observe({ type: "paint", buffered: true });
            }),
    );
    const first = await weight();
    await ada.signUp();
    await ada.createRoom(randomName("light"));
    const whole = await weight();
    t.diagnostic(`first contentful paint after ${Math.round(painted)} ms`);
    t.diagnostic(
        `scripts and styles: ${(first / 1024).toFixed(1)} KiB to the log-in, ${(whole / 1024).toFixed(1)} KiB to the first room`,
    );
    assert.ok(painted < FIRST_PAINT_MS, `${Math.round(painted)} ms to the first paint`);
    assert.ok(first > 0 && first <= FIRST_LOAD_BYTES, `${first} bytes to the log-in`);
});
