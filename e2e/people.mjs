// People in browsers: each has a context of their own, so cookies never mix, and reports everything that went wrong.

import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { chromium } from "playwright-core";

const ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    // Windows that nobody sees must not sleep: each is a person who looks at theirs.
    "--disable-background-timer-throttling",
    "--disable-renderer-backgrounding",
    "--disable-backgrounding-occluded-windows",
];

const PATIENCE_MS = 15_000;

export const gateways = (process.env.HUBBUB_GATEWAYS ?? "").split(",").filter(Boolean);

/** The administrator's name and password. */
export const [adminName = "", adminPassword = ""] = (process.env.HUBBUB_ADMIN ?? "").split(":");

export const launch = () =>
    chromium.launch({ executablePath: process.env.HUBBUB_CHROMIUM ?? "/usr/bin/chromium", args: ARGS });

export const randomName = (prefix) => `${prefix}-${Math.random().toString(36).slice(2, 10)}`;

/** Everyone with a page in the test that runs now. */
const present = new Set();
/** Everyone without one. */
const callers = new Set();

/** Somebody who must be seen out when the test ends: has a `leave`. */
export const welcome = (caller) => callers.add(caller);

/**
 * A test that people take part in. When it fails, what they saw is kept as pictures; when it passes, nobody's page may
 * have had an error. They leave at the end in any case.
 */
export function scene(title, ...rest) {
    const body = rest.pop();
    return test(title, ...rest, async (t) => {
        try {
            await body(t);
            for (const person of present) person.isUntroubled();
        } catch (error) {
            await Promise.all([...present].map((person) => person.isPictured(title).catch(() => {})));
            throw error;
        } finally {
            for (const caller of callers) caller.leave();
            callers.clear();
            await Promise.all([...present].map((person) => person.leave()));
        }
    });
}

/** One browser for the tests of a file. */
export function useBrowser() {
    const place = {};
    before(async () => {
        assert.ok(gateways.length >= 2, "HUBBUB_GATEWAYS must name two gateways, separated by a comma");
        place.browser = await launch();
    });
    after(() => place.browser?.close());
    return place;
}

/** Someone with a page. The words that the page must say stand here once, so that the tests read as what people do. */
export class Person {
    troubles = [];
    #tolerated = [];
    // The name is no part of it: that would be refused.
    password = `correct horse ${Math.random().toString(36).slice(2)}`;

    static async arrive(browser, url, options = {}) {
        const person = new Person();
        person.name = options.name ?? randomName(options.prefix ?? "ada");
        if (options.password) person.password = options.password;
        person.url = url;
        person.context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options.context });
        present.add(person);
        person.page = await person.openTab(options);
        return person;
    }

    /** A person who has an account already, in a page of their own. */
    static async administrator(browser, url, options = {}) {
        const person = await Person.arrive(browser, url, { ...options, name: adminName, password: adminPassword });
        await person.logIn();
        return person;
    }

    /** Another window of the same browser. `before` is called with the page while it is still empty. */
    async openTab({ path = "", before } = {}) {
        const page = await this.context.newPage();
        page.setDefaultTimeout(PATIENCE_MS);
        page.on("pageerror", (error) => this.#note(`page error: ${error.message}`));
        page.on("console", (message) => {
            // A policy violation is told as an error too.
            if (["error", "warning"].includes(message.type())) this.#note(`${message.type()}: ${message.text()}`);
        });
        await before?.(page);
        await page.goto(this.url + path);
        return page;
    }

    #note(trouble) {
        if (!this.#tolerated.some((pattern) => pattern.test(trouble))) this.troubles.push(trouble);
    }

    /** What a browser itself writes to the console while there is no network is no fault of the page. */
    toleratesCuts() {
        this.#tolerated.push(
            /net::ERR_|WebSocket connection to|WebSocket is already in|Failed to load resource|Failed to fetch/u,
        );
    }

    tolerates(pattern) {
        this.#tolerated.push(pattern);
    }

    isUntroubled() {
        assert.deepEqual(this.troubles, [], `${this.name} saw errors`);
    }

    async leave() {
        present.delete(this);
        await this.context.close();
    }

    /** Keeps what the person sees, beside the logs. */
    async isPictured(title) {
        const folder = join(process.env.HUBBUB_LOGS ?? tmpdir(), "pictures");
        await mkdir(folder, { recursive: true });
        for (const [number, page] of this.context.pages().entries()) {
            const name = `${title}-${this.name}-${number}`.replaceAll(/[^\w-]+/gu, "_");
            await page.screenshot({ path: join(folder, `${name}.png`), timeout: 5_000 });
        }
    }

    // ——— Coming and going

    async #enter(tab, button) {
        await this.page.getByRole("tab", { name: tab }).click();
        await this.page.getByLabel("Name", { exact: true }).fill(this.name);
        await this.page.getByLabel("Password", { exact: true }).fill(this.password);
        await this.page.getByRole("button", { name: button, exact: true }).click();
        // Whichever comes first: a refusal fails here with its words, not later with a timeout.
        const refusal = this.page.getByRole("alert").filter({ hasText: /./u }).first();
        await this.online().or(refusal).first().waitFor({ state: "attached" });
        if (await refusal.count()) assert.fail(`${button} was refused: ${await refusal.textContent()}`);
    }

    signUp = () => this.#enter("New here", "Sign up");
    logIn = () => this.#enter("I have an account", "Log in");

    async logOut() {
        await this.page.getByRole("button", { name: "Your menu" }).click();
        await this.page.getByRole("menuitem", { name: "Log out" }).click();
        await this.page.getByLabel("Password", { exact: true }).waitFor();
    }

    /** The shell, in a phase of the connection. */
    connection = (phase, page = this.page) => page.locator(`[data-connection="${phase}"]`);
    online = (page = this.page) => this.connection("online", page);

    /** Whether the page says so to everyone, screen readers included. */
    isTold = (words, page = this.page) =>
        page.getByRole("status").filter({ hasText: words }).first().waitFor({ state: "attached" });

    // ——— Places

    /** Goes to a place in the page, as a link would. */
    go = (path, page = this.page) =>
        page.evaluate((to) => {
            location.hash = to;
        }, path);

    /** The id of the room that is open. */
    room = () => /\/rooms\/([^/?]+)/u.exec(this.page.url())?.[1];

    async createRoom(name, { topic = "", isPrivate = false } = {}) {
        await this.page.getByRole("button", { name: "New room", exact: true }).click();
        const dialog = this.page.getByRole("dialog", { name: "New room" });
        await dialog.getByLabel("Name", { exact: true }).fill(name);
        await dialog.getByLabel("Topic").fill(topic);
        if (isPrivate) await dialog.getByLabel("Private").check();
        await dialog.getByRole("button", { name: "Create", exact: true }).click();
        await this.seesHeading(isPrivate ? name : `#${name}`);
        await this.composer().waitFor();
    }

    async joinRoom(name) {
        await this.go("/rooms");
        await this.page.getByLabel("Find a room").fill(name);
        const row = this.page.getByRole("listitem").filter({ hasText: name });
        await row.getByRole("button", { name: "Join room" }).click();
        await this.seesHeading(`#${name}`);
        await this.composer().waitFor();
    }

    /** Joins a room that one was told the id of, as by a link. */
    async enterRoom(id) {
        await this.go(`/rooms/${id}`);
        await this.page.getByRole("button", { name: "Join room" }).click();
        await this.composer().waitFor();
    }

    /** Opens a conversation from the list of one's own. */
    async openRoom(name) {
        await this.page.getByRole("navigation", { name: "Rooms and places" }).getByRole("link", { name }).click();
        await this.composer().waitFor();
    }

    seesHeading = (name) => this.page.getByRole("heading", { name, exact: true, level: 1 }).waitFor();

    // ——— Talk

    log = (page = this.page) => page.getByRole("log", { name: "Messages" }).first();
    composer = (page = this.page) => page.getByRole("textbox", { name: "Message", exact: true }).first();

    async say(text, page = this.page) {
        await this.composer(page).fill(text);
        await this.composer(page).press("Enter");
    }

    /** The row of a message; by default of one that the server has. */
    message = (text, { status = "sent", page = this.page } = {}) =>
        this.log(page)
            .locator(`article[data-status="${status}"]`)
            .filter({ has: page.locator("[data-body]").getByText(text, { exact: true }) });

    hears = (text, options) => this.message(text, options).waitFor();

    /** Everything that was said, top to bottom. The list holds what is near the view alone, so it is scrolled through. */
    async heard({ status = "sent", page = this.page } = {}) {
        const rows = await this.log(page).evaluate(async (scroller) => {
            const found = new Map();
            const frame = () => new Promise((done) => requestAnimationFrame(done));
            const view = scroller.getBoundingClientRect();
            // Rows are drawn a frame or more after the scrolling. They reach both edges, unless something else is there.
            const isDrawn = () => {
                const rows = [...scroller.querySelectorAll("article")].map((row) => row.getBoundingClientRect());
                const isAtTop = scroller.scrollTop <= 1 || /This is the beginning/u.test(scroller.textContent);
                const reachesUp = isAtTop || rows.some(({ top }) => top <= view.top);
                const isAtEnd = scroller.scrollTop + scroller.clientHeight >= scroller.scrollHeight - 2;
                return reachesUp && (isAtEnd || rows.some(({ bottom }) => bottom >= view.bottom));
            };
            const settled = async () => {
                await frame();
                for (let i = 0; i < 60 && !isDrawn(); i += 1) await frame();
                await frame();
            };
            for (scroller.scrollTop = 0; ; scroller.scrollTop += scroller.clientHeight * 0.7) {
                await settled();
                const seen = new Set();
                for (const row of scroller.querySelectorAll("article")) {
                    const { message, seq, status: state } = row.dataset;
                    if (seen.has(message)) throw new Error(`the row of ${message} is there twice`);
                    seen.add(message);
                    const text = row.querySelector("[data-body]")?.textContent ?? "";
                    found.set(message, { seq: Number(seq ?? Infinity), state, text });
                }
                if (scroller.scrollTop + scroller.clientHeight >= scroller.scrollHeight - 2) break;
            }
            return [...found.values()];
        });
        const order = rows.filter(({ state }) => state === status).sort((one, other) => one.seq - other.seq || 0);
        return order.map(({ text }) => text);
    }

    /** Puts away the notices, which may lie over what is to be used. */
    async readNotices() {
        const notices = this.page.getByRole("region", { name: "Notices" });
        const dismiss = notices.getByRole("button", { name: "Dismiss" });
        for (let i = 0; i < 8 && (await dismiss.count()); i += 1)
            await dismiss
                .first()
                .click({ timeout: 2_000 })
                .catch(() => {});
    }

    /** Uses a button of a message's toolbar. */
    async act(text, action) {
        await this.readNotices();
        const row = this.message(text);
        const button = row.getByRole("button", { name: action, exact: true });
        // A row that moves away from under the pointer, as when a message comes in, is followed like anyone would.
        for (let patience = 1_000; ; patience *= 4) {
            await row.hover();
            try {
                return await button.click({ timeout: patience });
            } catch (error) {
                if (patience > 10_000) throw error;
            }
        }
    }

    /** Uses an entry of a message's menu. */
    async actInMenu(text, action) {
        await this.act(text, "More actions");
        await this.page.getByRole("menuitem", { name: action, exact: true }).click();
    }

    async react(text, emojiName) {
        await this.act(text, "Add reaction");
        await this.page.getByLabel("Search emoji").fill(emojiName);
        await this.page.getByRole("button", { name: emojiName }).first().click();
    }

    async seesToast(words) {
        await this.page.getByRole("region", { name: "Notices" }).getByText(words).first().waitFor();
    }
}

/** The page's width holds all that is on it. */
export async function widthIsRespected(page, where) {
    const { content, view } = await page.evaluate(() => ({
        content: document.documentElement.scrollWidth,
        view: document.documentElement.clientWidth,
    }));
    assert.ok(content <= view, `${where}: ${content} px of content in ${view} px`);
}
