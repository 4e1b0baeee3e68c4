// For everyone: axe finds nothing on any screen, light or dark, and all can be done without a mouse.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { Person, gateways, randomName, scene, useBrowser } from "./people.mjs";
import { consolePlacesOf, furnish, placesOf, visit } from "./screens.mjs";

const place = useBrowser();
const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const MOST_TABS = 60;

/** What is wrong with the page as it is, in words. */
async function violations(page, where) {
    if ((await page.evaluate("typeof axe")) === "undefined") await page.evaluate(axe);
    const found = await page.evaluate(async () => {
        const frame = () => new Promise((done) => requestAnimationFrame(done));
        await frame();
        await frame();
        const { violations: all } = await globalThis.axe.run(document, { resultTypes: ["violations"] });
        const wordsOf = ({ html, any }) => `${html.slice(0, 120)} (${any.map(({ message }) => message).join(", ")})`;
        return all.map(({ id, impact, nodes }) => `${impact} ${id}: ${nodes.slice(0, 3).map(wordsOf).join(" | ")}`);
    });
    return found.map((text) => `${where}: ${text}`);
}

/** Colours on their way from one to another are of no page that stands still. */
const stillness = (page) =>
    page.addInitScript(() => {
        const sheet = new CSSStyleSheet();
        sheet.replaceSync("*, *::before, *::after { transition: none !important; animation: none !important; }");
        document.adoptedStyleSheets.push(sheet);
    });

async function inBothColours(page, where) {
    const found = [];
    for (const colorScheme of ["light", "dark"]) {
        await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
        found.push(...(await violations(page, `${where}, ${colorScheme}`)));
    }
    return found;
}

scene("axe finds nothing on any screen of a person", async () => {
    const stranger = await Person.arrive(place.browser, gateways[0]);
    await stranger.page.getByLabel("Password", { exact: true }).waitFor();
    const found = await inBothColours(stranger.page, "welcome");
    const world = await furnish(place.browser, gateways[0], { before: stillness });
    for (const each of placesOf(world)) {
        await visit(world.ada, each);
        found.push(...(await inBothColours(world.ada.page, each[0])));
    }
    assert.deepEqual(found, []);
});

scene("axe finds nothing in the console", async () => {
    const root = await Person.administrator(place.browser, gateways[0], { before: stillness });
    const found = [];
    const world = await furnish(place.browser, gateways[0]);
    for (const each of consolePlacesOf(world)) {
        await visit(root, each);
        found.push(...(await inBothColours(root.page, each[0])));
    }
    assert.deepEqual(found, []);
});

/** Presses Tab until the focus is on something of that role and name. */
async function tabTo(page, role, name) {
    const goal = page.getByRole(role, { name, exact: true });
    for (let i = 0; i < MOST_TABS; i += 1) {
        await page.keyboard.press("Tab");
        for (const each of await goal.all()) {
            if (await each.evaluate((element) => element === document.activeElement)) return;
        }
    }
    assert.fail(`${MOST_TABS} times Tab do not lead to the ${role} "${name}"`);
}

const isFocused = (locator) => locator.evaluate((element) => element === document.activeElement);

scene("sign up, make a room, write, react and reply, without a mouse", async () => {
    const ada = await Person.arrive(place.browser, gateways[0], { prefix: "ada" });
    const { page } = ada;
    const { keyboard } = page;
    await page.getByLabel("Password", { exact: true }).waitFor();
    await tabTo(page, "textbox", "Name");
    await keyboard.type(ada.name);
    await keyboard.press("Tab");
    await keyboard.type(ada.password);
    await keyboard.press("Enter");
    await ada.online().waitFor();

    const room = randomName("keys");
    await tabTo(page, "button", "New room");
    await keyboard.press("Enter");
    const field = page.getByRole("dialog").getByLabel("Name", { exact: true });
    await field.waitFor();
    await page.waitForFunction(() => document.activeElement?.closest("[role=dialog] input"));
    await keyboard.type(room);
    await keyboard.press("Enter");
    await ada.seesHeading(`#${room}`);

    await tabTo(page, "textbox", "Message");
    await keyboard.type("all by hand");
    await keyboard.press("Enter");
    await ada.hears("all by hand");

    // Up from the field is the list; Enter leads to what can be done with a message.
    const row = ada.message("all by hand");
    for (let i = 0; !(await isFocused(row)); i += 1) {
        assert.ok(i < MOST_TABS, "Shift and Tab do not lead to the message");
        await keyboard.press("Shift+Tab");
    }
    await keyboard.press("Enter");
    await page.waitForFunction(() => document.activeElement?.closest("[role=toolbar]"));
    await keyboard.press("Enter");
    await page.getByLabel("Search emoji").waitFor();
    await page.waitForFunction(() => document.activeElement?.tagName === "INPUT");
    await keyboard.type("thumbs up");
    await page.getByRole("region", { name: "Found" }).waitFor();
    await keyboard.press("Enter");
    await row.getByRole("button", { name: "You reacted with 👍" }).waitFor();

    await row.focus();
    await keyboard.press("Enter");
    await tabTo(page, "button", "Reply");
    await keyboard.press("Enter");
    await page.waitForFunction(() => document.activeElement?.tagName === "TEXTAREA");
    await keyboard.type("and answered by hand");
    await keyboard.press("Enter");
    await ada
        .message("and answered by hand")
        .getByRole("button", { name: /In reply to/u })
        .waitFor();
});

scene("the focus returns to where a dialog was opened from", async () => {
    const ada = await Person.arrive(place.browser, gateways[0], { prefix: "ada" });
    await ada.signUp();
    const { page } = ada;
    await ada.go("/friends");
    for (const name of ["New room", "Add friend"]) {
        const button = page.getByRole("button", { name, exact: true });
        await button.focus();
        await page.keyboard.press("Enter");
        await page.getByRole("dialog").waitFor();
        await page.keyboard.press("Escape");
        await page.getByRole("dialog").waitFor({ state: "detached" });
        await page.waitForFunction((opener) => opener === document.activeElement, await button.elementHandle());
    }
    await page.keyboard.press("Control+k");
    await page.getByRole("combobox").waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("combobox").waitFor({ state: "detached" });
});
