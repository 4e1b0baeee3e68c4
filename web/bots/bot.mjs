// One person in one page: signs up, joins the room, talks, and looks at the screen.

import { payloadOf } from "./tally.mjs";
import { scrollUp, watchLog } from "./watch.mjs";

const PATIENCE_MS = 20_000;
const SCROLLS = 60;

const pause = (ms) => new Promise((done) => setTimeout(done, ms));

export class Bot {
    sent = [];
    /** What went wrong in the page itself. */
    troubles = [];

    static async arrive(browser, { target, run, number }) {
        const bot = new Bot();
        bot.number = number;
        bot.run = run;
        bot.target = target;
        bot.name = `bot-${run}-${number}`;
        bot.context = await browser.newContext({ viewport: { width: 1024, height: 900 } });
        bot.page = await bot.context.newPage();
        bot.page.setDefaultTimeout(PATIENCE_MS);
        bot.page.on("pageerror", (error) => bot.troubles.push(error.message));
        await bot.page.goto(target);
        await bot.#signUp();
        return bot;
    }

    async #signUp() {
        const { page } = this;
        const submit = page.getByRole("button", { name: "Sign up", exact: true });
        await submit.waitFor();
        await page.getByLabel("Name", { exact: true }).fill(this.name);
        await page.getByLabel("Password", { exact: true }).fill(`long staple ${Math.random().toString(36).slice(2)}`);
        await submit.click();
        const online = page.locator('[data-connection="online"]').first();
        const refusal = page.getByRole("alert").filter({ hasText: /\S/ }).first();
        await online.or(refusal).first().waitFor({ state: "attached" });
        if ((await online.count()) === 0)
            throw new Error(`${this.name} could not sign up: ${await refusal.textContent()}`);
    }

    /** Joins the room by the list of rooms, or makes it. */
    async enter(room) {
        const { page } = this;
        await page.goto(`${this.target}/#/rooms`);
        await page.getByLabel("Find a room").fill(room);
        const row = page
            .getByRole("list", { name: "Rooms" })
            .getByRole("listitem")
            .filter({ has: page.getByText(room, { exact: true }) })
            .first();
        const nothing = page.getByText(`No room is called “${room}”`);
        // The list still shows all rooms until it has heard of the search.
        await row.or(nothing).first().waitFor();
        if (await nothing.count()) await this.#make(room);
        else await row.getByRole("button", { name: /^(Join room|Open)/ }).click();
        await page.getByRole("heading", { name: `#${room}`, exact: true, level: 1 }).waitFor();
        await page.getByRole("textbox", { name: "Message", exact: true }).waitFor();
        await page.evaluate(watchLog);
    }

    async #make(room) {
        const { page } = this;
        await page.getByRole("button", { name: "New room", exact: true }).first().click();
        const dialog = page.getByRole("dialog", { name: "New room" });
        await dialog.getByLabel("Name", { exact: true }).fill(room);
        await dialog.getByRole("button", { name: "Create", exact: true }).click();
    }

    /** Says something at a steady rate, by the composer, until it is time. */
    async talk(rate, untilMs) {
        const composer = this.page.getByRole("textbox", { name: "Message", exact: true });
        // Not all at the same moment.
        let due = Date.now() + Math.random() * (1_000 / rate);
        for (let count = 1; due < untilMs; count++, due += 1_000 / rate) {
            await pause(Math.max(0, due - Date.now()));
            if (Date.now() >= untilMs) return;
            const text = payloadOf({ run: this.run, page: this.number, count, sentAt: Date.now() });
            await composer.fill(text);
            await composer.press("Enter");
            this.sent.push(text);
        }
    }

    seen() {
        return this.page.evaluate(() => window.bots.seen);
    }

    /** Waits until all texts stand on the screen, or stood there; then looks further up for those that never did. */
    async settle(texts, untilMs) {
        while ((await this.#missing(texts)) > 0 && Date.now() < untilMs) await pause(250);
        for (let step = 0; step < SCROLLS && (await this.#missing(texts)) > 0; step++) {
            if (!(await this.page.evaluate(scrollUp))) return;
            await pause(150);
        }
    }

    async #missing(texts) {
        const known = new Set((await this.seen()).map(({ text }) => text));
        return texts.filter((text) => !known.has(text)).length;
    }
}
