// What one does is on the screen at once, before the server has said a word; a refusal takes it back and says why.

import assert from "node:assert/strict";
import { setTimeout } from "node:timers/promises";
import { Bot } from "./bots.mjs";
import { Person, gateways, randomName, scene, useBrowser } from "./people.mjs";
import { Wire } from "./wire.mjs";

const place = useBrowser();
const AT_ONCE_MS = 50;
const SAMPLES = 9;

async function arrive() {
    const wire = new Wire();
    const ada = await Person.arrive(place.browser, gateways[0], { prefix: "ada", before: wire.attach });
    const room = randomName("fast");
    await ada.signUp();
    await ada.createRoom(room);
    return { ada, wire, room };
}

/** From the key to the change of the page, measured in the page. */
function measure(page) {
    return page.evaluate(() => {
        globalThis.delays = [];
        let pressed;
        const note = (event) => {
            if (event.key === "Enter") pressed = event.timeStamp;
        };
        document.addEventListener("keydown", note, { capture: true });
        const seen = new Set();
        const look = () => {
            for (const row of document.querySelectorAll('article[data-status="pending"]')) {
                const text = row.querySelector("[data-body]").textContent;
                if (seen.has(text)) continue;
                seen.add(text);
                globalThis.delays.push(performance.now() - pressed);
            }
        };
        new MutationObserver(look).observe(document.querySelector("[role=log]"), { childList: true, subtree: true });
    });
}

const PATIENCE_MS = 15_000;

const median = (numbers) => numbers.toSorted((one, other) => one - other)[Math.floor(numbers.length / 2)];

scene("a message is on the screen at once, while the server has not answered", async (t) => {
    const { ada, wire } = await arrive();
    await ada.say("a first one, so that the list is there");
    await ada.hears("a first one, so that the list is there");
    await measure(ada.page);
    wire.hold(({ type }) => type === "ok" || type === "message.new");
    for (let i = 0; i < SAMPLES; i += 1) {
        await ada.say(`quick ${i}`);
        await ada.hears(`quick ${i}`, { status: "pending" });
    }
    const delays = await ada.page.evaluate(() => globalThis.delays);
    assert.equal(delays.length, SAMPLES);
    t.diagnostic(`from Enter to the page: ${delays.map((ms) => ms.toFixed(1)).join(", ")} ms`);
    assert.ok(median(delays) <= AT_ONCE_MS, `${median(delays).toFixed(1)} ms`);
    wire.release();
    for (let i = 0; i < SAMPLES; i += 1) await ada.hears(`quick ${i}`);
    assert.equal((await ada.heard()).length, SAMPLES + 1, "each once");
});

scene("a message with a word that is not allowed is marked, with the reason", async () => {
    const word = randomName("fudge").replace("-", "");
    const root = await Bot.administrator(gateways[1]);
    const { filter } = await root.request("mod.filterAdd", { pattern: word, action: "refuse" });
    try {
        const { ada } = await arrive();
        const failed = ada.message(`oh ${word}`, { status: "failed" });
        // A new filter works a moment later, in every room-svc.
        for (const end = performance.now() + PATIENCE_MS; !(await failed.count()); await setTimeout(250)) {
            assert.ok(performance.now() < end, "the filter never works");
            await ada.say(`oh ${word}`);
            const settled = ada.page.locator('article[data-status="pending"]').filter({ hasText: word });
            await settled.waitFor({ state: "detached" });
        }
        await failed
            .first()
            .getByText(/Not sent: .*(word|allowed)/iu)
            .waitFor();
        await ada.say("mind your words");
        await ada.hears("mind your words");
        await failed.first().getByRole("button", { name: "Discard" }).click();
        await failed.first().waitFor({ state: "detached" });
    } finally {
        await root.request("mod.filterRemove", { filter: filter.id });
    }
});

scene("who was muted meanwhile is told why nothing is sent", async () => {
    const wire = new Wire();
    const owner = await Bot.arrive(gateways[1], { prefix: "owner" });
    const room = await owner.createRoom(randomName("hush"));
    const ada = await Person.arrive(place.browser, gateways[0], { prefix: "ada", before: wire.attach });
    await ada.signUp();
    await ada.enterRoom(room);
    // The page does not know yet when it sends.
    wire.hold(({ type }) => type === "mod.muted");
    await owner.request("mod.mute", { room, user: `@${ada.name}`, until: Date.now() + 3_600_000 });
    await ada.say("can I still speak?");
    await ada
        .message("can I still speak?", { status: "failed" })
        .getByText(/Not sent: /u)
        .waitFor();
    wire.release();
    await ada.page.getByText(/You are muted/u).waitFor();
});

scene("edits, reactions and deletions are shown at once, and taken back with the reason", async () => {
    const { ada, wire } = await arrive();
    const reason = "the server has the hiccups";
    for (const type of ["message.edit", "reaction.add", "message.delete"]) {
        wire.refuse(type, "PERMISSION_DENIED", "PERMISSION_DENIED", reason);
    }
    await ada.say("as it was");
    await ada.hears("as it was");

    await ada.act("as it was", "Edit");
    await ada.composer().fill("as it should be");
    await ada.composer().press("Enter");
    await ada.seesToast("The message was not changed");
    await ada.seesToast(reason);
    await ada.hears("as it was");

    await ada.react("as it was", "thumbs up");
    await ada.seesToast("The reaction was not added");
    await ada.message("as it was").getByRole("list", { name: "Reactions" }).waitFor({ state: "detached" });

    await ada.actInMenu("as it was", "Delete for everyone");
    await ada.page.getByRole("dialog").getByRole("button", { name: "Delete", exact: true }).click();
    await ada.seesToast("The message was not deleted");
    await ada.hears("as it was");
    assert.deepEqual(await ada.heard(), ["as it was"]);
});

scene("an edit and a reaction are there while the server is still silent", async () => {
    const { ada, wire } = await arrive();
    await ada.say("patience");
    await ada.hears("patience");
    wire.hold(({ type }) => ["ok", "message.edited", "reaction.changed"].includes(type));
    await ada.react("patience", "thumbs up");
    await ada.message("patience").getByRole("button", { name: "You reacted with 👍" }).waitFor();
    await ada.act("patience", "Edit");
    await ada.composer().fill("impatience");
    await ada.composer().press("Enter");
    await ada.hears("impatience");
    wire.release();
    await ada.page.reload();
    await ada.message("impatience").getByRole("button", { name: "You reacted with 👍" }).waitFor();
});

scene("a friend request that is refused says so, and leaves no trace", async () => {
    const { ada, wire } = await arrive();
    const bob = await Bot.arrive(gateways[1], { prefix: "bob" });
    await ada.go("/friends");
    await ada.page.getByRole("button", { name: "Add friend", exact: true }).click();
    const dialog = ada.page.getByRole("dialog");
    await dialog.getByLabel("Name", { exact: true }).fill(randomName("nobody"));
    await dialog.getByRole("button", { name: "Send request" }).click();
    await dialog
        .getByText(/nobody|no such|not found|no one/iu)
        .first()
        .waitFor();
    await ada.page.keyboard.press("Escape");

    // Accepting is shown at once, so a refusal must take it back.
    wire.refuse("friend.accept", "NOT_FOUND", "REQUEST_NOT_FOUND", "it was taken back");
    await bob.request("friend.request", { user: `@${ada.name}` });
    await ada.page.getByRole("tab", { name: "Pending" }).click();
    const request = ada.page.getByRole("listitem").filter({ hasText: bob.name });
    await request.getByRole("button", { name: "Accept" }).click();
    await ada.seesToast("The request was not accepted");
    await request.getByRole("button", { name: "Accept" }).waitFor();
});
