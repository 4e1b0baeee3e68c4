// A long conversation: read up to its first line, jumped through by date, and entered where one left off.

import assert from "node:assert/strict";
import { crowdOfBots } from "./bots.mjs";
import { Person, gateways, randomName, scene, useBrowser } from "./people.mjs";

const place = useBrowser();
const LINES = 1_050;
// Each connection may say 20 a second, and 40 at once to begin with.
const BOTS = 8;
const PATIENCE_MS = 60_000;

const numberOf = (text) => Number(/^line (\d+)/u.exec(text)?.[1]);

/** Fills a room as fast as the limits let: every bot says its share, in no order among them. */
async function longRoom() {
    const [first, ...others] = await crowdOfBots(gateways, BOTS);
    const name = randomName("long");
    const room = await first.createRoom(name);
    await Promise.all(others.map((bot) => bot.join(room)));
    const bots = [first, ...others];
    await first.say(room, "line 0");
    await Promise.all(
        bots.map(async (bot, share) => {
            for (let i = share + 1; i < LINES; i += BOTS)
                await bot.say(room, i % 9 ? `line ${i}` : `line ${i}\n\nwith a second paragraph`);
        }),
    );
    return { name, room, bots };
}

/** Scrolls up to the first line of all; every row that was there on the way, by its place in the room. */
function readUpward(page) {
    return page.getByRole("log", { name: "Messages" }).evaluate(async (scroller, patience) => {
        const rows = new Map();
        const frame = () => new Promise((done) => requestAnimationFrame(done));
        const end = performance.now() + patience;
        const collect = () => {
            const inPage = new Set();
            for (const row of scroller.querySelectorAll("article[data-seq]")) {
                const { seq, message } = row.dataset;
                if (inPage.has(message)) throw new Error(`row ${message} is there twice`);
                inPage.add(message);
                rows.set(Number(seq), row.querySelector("[data-body]").textContent);
            }
            return inPage.size;
        };
        const hasStart = () => /This is the beginning/u.test(scroller.textContent);
        const isAtStart = () => scroller.scrollTop <= 1 && hasStart();
        const topOf = (element) => element?.getBoundingClientRect().top ?? Infinity;
        // Rows are drawn a frame or more after the scrolling: a step counts once they reach the upper edge. Above the
        // first of all stands the beginning, in which a step may end.
        const isDrawn = () => hasStart() || topOf(scroller.querySelector("article[data-seq]")) <= topOf(scroller);
        while (!isAtStart()) {
            if (performance.now() > end) throw new Error(`${rows.size} rows, and no beginning`);
            if (isDrawn()) {
                collect();
                scroller.scrollTop -= scroller.clientHeight * 0.6;
            }
            await frame();
        }
        collect();
        return [...rows].toSorted(([one], [other]) => one - other).map(([, text]) => text);
    }, PATIENCE_MS);
}

scene("a thousand messages: up to the first without gaps, to a date, and back to the divider", async (t) => {
    const began = performance.now();
    const { name, room, bots } = await longRoom();
    t.diagnostic(`${LINES} messages said in ${((performance.now() - began) / 1000).toFixed(1)} s`);
    const ada = await Person.arrive(place.browser, gateways[0], { prefix: "ada" });
    await ada.signUp();
    await ada.joinRoom(name);

    await t.test("endless scroll reaches the first message, each line once", async () => {
        const texts = await readUpward(ada.page);
        const numbers = texts.map(numberOf);
        assert.equal(numbers[0], 0, "the first line is the first");
        assert.equal(numbers.length, LINES, "no gap and no double");
        assert.deepEqual(
            numbers.toSorted((one, other) => one - other),
            Array.from({ length: LINES }, (_, i) => i),
        );
    });

    await t.test("the way back leads to the latest", async () => {
        await ada.page.getByRole("button", { name: /Jump to latest/u }).click();
        await ada.page.getByRole("button", { name: /Jump to latest/u }).waitFor({ state: "detached" });
        await bots[0].say(room, "the latest");
        await ada.hears("the latest");
    });

    await t.test("a date leads to its first message, also right after a reload", async () => {
        await ada.page.reload();
        await ada.hears("the latest");
        await ada.page.getByRole("button", { name: "Jump to a date" }).click();
        await ada.page.getByRole("button", { name: "Today", exact: true }).click();
        await ada.hears("line 0");
    });

    await t.test("who comes back finds the divider before what is new", async () => {
        await ada.page.getByRole("button", { name: /Jump to latest/u }).click();
        await ada.hears("the latest");
        // It is read once the server says that nothing is left.
        const link = ada.page.getByRole("navigation", { name: "Rooms and places" }).getByRole("link", { name });
        await link.filter({ hasNotText: /\d+ unread/u }).waitFor();
        await ada.go("/friends");
        await ada.seesHeading("Friends");
        for (let i = 0; i < 40; i += 1) await bots[i % BOTS].say(room, `news ${i}`);
        await link.filter({ hasText: "40 unread" }).waitFor();
        await ada.openRoom(name);
        const divider = ada.page.getByRole("separator", { name: "New messages" });
        await divider.waitFor();
        await ada.hears("news 0");
        // Rows move until they have their real heights: all places are those of one moment.
        const rows = await Promise.all([
            ada.message("the latest").elementHandle(),
            divider.elementHandle(),
            ada.message("news 0").elementHandle(),
        ]);
        const [before, line, after] = await ada.page.evaluate(
            (elements) => elements.map((element) => element.getBoundingClientRect().toJSON()),
            rows,
        );
        assert.ok(before.y < line.y && line.y < after.bottom, "between the last one read and the first one new");
        await ada.page.getByRole("button", { name: /Jump to latest/u }).click();
        await ada.hears("news 39");
    });
});
