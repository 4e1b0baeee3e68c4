// Fills a room with real browsers that talk, and says what became of every word. See README.md.

import { existsSync } from "node:fs";
import { chromium } from "playwright-core";
import { Bot } from "./bot.mjs";
import { readOptions, USAGE, UsageError } from "./options.mjs";
import { isClean, reportLines, tallyPage } from "./tally.mjs";

const ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    // The pages are all in the background of each other: their timers must run as in front.
    "--disable-background-timer-throttling",
    "--disable-backgrounding-occluded-windows",
    "--disable-renderer-backgrounding",
];
const SETTLE_MS = 10_000;
/** Beyond the time of talking: signing up, joining, looking. Then everything is stopped, whatever it is doing. */
const GRACE_MS = 180_000;

const EXIT = { clean: 0, loss: 1, failed: 2 };

function findChromium() {
    const wanted = process.env["HUBBUB_CHROMIUM"];
    const found = [wanted, "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(
        (path) => path && existsSync(path),
    );
    return found ? { executablePath: found } : { channel: "chrome" };
}

async function gather(browser, { target, browsers, room }, run) {
    const bots = [];
    for (let number = 1; number <= browsers; number++) {
        // One after the other: the first makes the room, and signing up is limited by address.
        const bot = await Bot.arrive(browser, { target, run, number });
        await bot.enter(room);
        bots.push(bot);
        console.log(`${bot.name} is in #${room}`);
    }
    return bots;
}

async function talk(bots, { rate, seconds }) {
    const untilMs = Date.now() + seconds * 1_000;
    console.log(`${bots.length} pages talk for ${seconds} s, ${rate} messages a second each`);
    await Promise.all(bots.map((bot) => bot.talk(rate, untilMs)));
    const texts = bots.flatMap(({ sent }) => sent);
    const settledMs = Date.now() + SETTLE_MS;
    await Promise.all(bots.map((bot) => bot.settle(texts, settledMs)));
    return texts;
}

async function judge(bots, texts, run) {
    const tallies = await Promise.all(bots.map(async (bot) => tallyPage(bot.number, texts, await bot.seen(), run)));
    console.log(`\n${reportLines(tallies).join("\n")}\n`);
    for (const { page, lost } of tallies) {
        for (const text of lost.slice(0, 5)) console.log(`page ${page} never showed: ${text}`);
    }
    for (const { name, troubles } of bots) for (const trouble of troubles) console.log(`${name}: ${trouble}`);
    return isClean(tallies) ? EXIT.clean : EXIT.loss;
}

async function play(options) {
    const run = Math.random().toString(36).slice(2, 8);
    const browser = await chromium.launch({ ...findChromium(), args: ARGS, headless: !options.isHeaded });
    const stop = setTimeout(
        () => {
            console.error("It takes too long: stopped.");
            process.exitCode = EXIT.failed;
            void browser.close();
        },
        options.seconds * 1_000 + GRACE_MS,
    );
    process.once("SIGINT", () => void browser.close());
    process.once("SIGTERM", () => void browser.close());
    try {
        const bots = await gather(browser, options, run);
        return await judge(bots, await talk(bots, options), run);
    } finally {
        clearTimeout(stop);
        await browser.close();
    }
}

async function main() {
    try {
        const options = readOptions(process.argv.slice(2));
        if (options.isHelp) {
            console.log(USAGE);
            return EXIT.clean;
        }
        return await play(options);
    } catch (error) {
        console.error(error instanceof UsageError ? `${error.message}\n\n${USAGE}` : error.message);
        return EXIT.failed;
    }
}

process.exitCode = await main();
