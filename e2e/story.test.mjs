// The whole story: two people meet, talk, become friends, fall out, and an administrator deals with it.

import assert from "node:assert/strict";
import { Person, gateways, randomName, scene, useBrowser } from "./people.mjs";

const SEEN_LIVE_MS = 2_000;

const place = useBrowser();

async function talkInARoom({ ada, bob, room }) {
    await ada.createRoom(room, { topic: "where everyone meets" });
    await bob.joinRoom(room);
    await ada.say("hello bob");
    await bob.hears("hello bob");
    await bob.say("hello ada");
    await ada.hears("hello ada");
    const markup = '<img src=x onerror="document.title=1"><script>document.title=2</script>';
    await ada.say(markup);
    await bob.hears(markup);
    assert.equal(await bob.log().locator("article img, article script").count(), 0, "markup stays text");
}

async function becomeFriends({ ada, bob }) {
    await ada.go("/friends");
    await ada.page.getByRole("button", { name: "Add friend", exact: true }).click();
    const dialog = ada.page.getByRole("dialog");
    await dialog.getByLabel("Name", { exact: true }).fill(bob.name);
    await dialog.getByRole("button", { name: "Send request" }).click();
    await ada.seesToast(`${bob.name} was asked`);

    await bob.go("/friends");
    await bob.page.getByRole("tab", { name: "Pending" }).click();
    await bob.page.getByRole("listitem").filter({ hasText: ada.name }).getByRole("button", { name: "Accept" }).click();
    await bob.seesToast("friends now");
    const friends = ada.page.getByRole("list", { name: "All friends" });
    await friends.getByText(bob.name, { exact: true }).waitFor();
}

async function talkDirectly({ ada, bob }) {
    await ada.page.getByRole("button", { name: `Message ${bob.name}` }).click();
    await ada.seesHeading(bob.name);
    await ada.composer().waitFor();
    await ada.say("just the two of us");
    const direct = bob.page.getByRole("region", { name: "Direct messages" }).getByRole("link", { name: ada.name });
    await direct.click();
    await bob.hears("just the two of us");
    await bob.say("indeed");
    await ada.hears("indeed");
}

async function talkInAThread({ ada, bob }) {
    await ada.act("just the two of us", "Start thread");
    const panel = ada.page.getByRole("complementary").filter({ hasText: "Thread in" });
    const field = panel.getByRole("textbox", { name: "Message", exact: true });
    await field.fill("about the weekend");
    await field.press("Enter");
    await panel.locator('article[data-status="sent"]').getByText("about the weekend").waitFor();
    await bob.message("just the two of us").getByRole("button", { name: "1 reply" }).click();
    const his = bob.page.getByRole("complementary").filter({ hasText: "Thread in" });
    await his.getByText("about the weekend").waitFor();
    assert.ok(!(await bob.heard()).includes("about the weekend"), "a thread stands beside the conversation");
    for (const person of [ada, bob]) await person.page.getByRole("button", { name: "Close panel" }).click();
}

async function replyReactEditDelete({ ada, bob, room }) {
    for (const person of [ada, bob]) await person.openRoom(room);
    await bob.act("hello bob", "Reply");
    await bob.say("I answer that");
    await ada
        .message("I answer that")
        .getByRole("button", { name: /In reply to.*hello bob/u })
        .waitFor();

    await ada.react("I answer that", "thumbs up");
    await bob.message("I answer that").getByRole("button", { name: "1 person reacted with 👍" }).click();
    await ada.message("I answer that").getByRole("button", { name: "You and 1 person reacted with 👍" }).waitFor();

    await bob.act("I answer that", "Edit");
    await bob.composer().fill("I answer that twice");
    await bob.composer().press("Enter");
    await ada.hears("I answer that twice");
    await ada.message("I answer that twice").getByText("(edited)").waitFor();

    await bob.say("a slip of the tongue");
    await ada.hears("a slip of the tongue");
    await bob.actInMenu("a slip of the tongue", "Delete for everyone");
    await bob.page.getByRole("dialog").getByRole("button", { name: "Delete", exact: true }).click();
    await ada.hears("Message deleted");
    assert.equal(await ada.log().getByText("a slip of the tongue").count(), 0);
}

async function mention({ ada, bob }) {
    await bob.go("/friends");
    await ada.say(`@${bob.name} the minutes are yours`);
    await bob.page
        .getByRole("link", { name: /Notifications/u })
        .filter({ hasText: /\d/u })
        .click();
    const notice = bob.page.locator("[data-notification]").filter({ hasText: "the minutes are yours" });
    await notice.getByRole("link").click();
    await bob.hears(`@${bob.name} the minutes are yours`);
}

async function search({ bob, room, word }) {
    await bob.say(`${word} is a rare word`);
    await bob.hears(`${word} is a rare word`);
    await bob.page.keyboard.press("Control+k");
    await bob.page.getByRole("combobox").fill(word);
    await bob.page.getByRole("option", { name: "Search messages for" }).click();
    const found = bob.page.getByRole("list", { name: "Found messages" }).getByRole("button").filter({ hasText: word });
    await found.click();
    await bob.seesHeading(`#${room}`);
    await bob.hears(`${word} is a rare word`);
}

async function block({ ada, bob }) {
    await bob.page.getByRole("log").getByRole("button", { name: ada.name, exact: true }).first().click();
    const card = bob.page.getByRole("dialog", { name: `Profile of ${ada.name}` });
    await card.getByRole("button", { name: "Block", exact: true }).click();
    await bob.page.getByRole("dialog").getByRole("button", { name: "Block", exact: true }).click();
    await bob.message("hello bob").waitFor({ state: "detached" });
    await ada.say("can you hear me?");
    await ada.hears("can you hear me?");
    await bob.say("it is quiet here");
    await ada.hears("it is quiet here");
    await bob.hears("it is quiet here");
    assert.equal(await bob.message("can you hear me?").count(), 0, "a blocked person is not heard");

    await bob.go("/friends");
    await bob.page.getByRole("tab", { name: "Blocked" }).click();
    await bob.page.getByRole("button", { name: "Unblock" }).click();
    await bob.page.getByText("Nobody is blocked").waitFor();
}

async function report({ ada, bob, room, insult }) {
    await bob.openRoom(room);
    await ada.say(insult);
    await bob.hears(insult);
    await bob.actInMenu(insult, "Report");
    const dialog = bob.page.getByRole("dialog");
    await dialog.getByLabel(/Abuse/u).check();
    await dialog.getByLabel("Note").fill("this goes too far");
    await dialog.getByRole("button", { name: "Report", exact: true }).click();
    await bob.seesToast("Reported");
}

async function judge({ ada, root, insult }) {
    const { page } = root;
    await root.go("/console/reports/open");
    await page.getByRole("list", { name: "Reports" }).getByRole("link").filter({ hasText: insult }).click();
    const sheet = page.getByRole("article", { name: "Report" });
    await sheet.getByRole("figure").getByText(insult).waitFor();
    await sheet.getByText("this goes too far").waitFor();
    await sheet.getByRole("button", { name: "Ban", exact: true }).click();
    const dialog = page.getByRole("dialog", { name: `Ban ${ada.name}` });
    await dialog.getByLabel("Reason").fill(`called names: ${insult}`);
    await dialog.getByRole("button", { name: "Continue" }).click();
    await dialog.getByText(`This is what happens to ${ada.name}`).waitFor();

    const turnedAway = ada.page.getByRole("heading", { name: "You are banned from this server" });
    // Whoever is turned away is so at the door, too.
    ada.tolerates(/status of 403/u);
    const ban = dialog.getByRole("button", { name: "Ban", exact: true });
    await ban.click({ trial: true });
    const asked = performance.now();
    await ban.click();
    await turnedAway.waitFor();
    const took = performance.now() - asked;
    assert.ok(took < SEEN_LIVE_MS, `the ban was seen after ${Math.round(took)} ms`);
    await ada.page.getByText(`called names: ${insult}`, { exact: true }).waitFor();
}

async function previewARange({ root }) {
    const { page } = root;
    await root.go("/console/bans");
    await page.getByRole("button", { name: "New ban" }).click();
    const dialog = page.getByRole("dialog", { name: "New ban" });
    await dialog.getByRole("tab", { name: "Addresses" }).click();
    await dialog.getByLabel("Address or range").fill("203.0.113.0/24");
    await dialog.getByRole("region", { name: "Whom it hits" }).getByText("203.0.113.0/24").waitFor();
    await dialog.getByRole("button", { name: "Cancel" }).click();
}

async function forgive({ ada, bob, root, room, insult }) {
    const { page } = root;
    const row = page.getByRole("row").filter({ hasText: insult });
    await row.getByRole("button", { name: "Lift the ban of" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Lift the ban" }).click();
    await root.seesToast("is lifted");
    await ada.page.getByRole("button", { name: "Back to log-in" }).click();
    await ada.logIn();
    await ada.openRoom(room);
    await ada.say("I am sorry");
    await bob.hears("I am sorry");
}

scene("the whole story, by two people and an administrator", async (t) => {
    const [room, word] = [randomName("lobby"), randomName("quince").replace("-", "")];
    const ada = await Person.arrive(place.browser, gateways[0], { prefix: "ada" });
    const bob = await Person.arrive(place.browser, gateways[1], { prefix: "bob" });
    const story = { ada, bob, room, word, insult: `you ${randomName("toad")}` };
    await Promise.all([ada.signUp(), bob.signUp()]);
    const chapters = [
        talkInARoom,
        becomeFriends,
        talkDirectly,
        talkInAThread,
        replyReactEditDelete,
        mention,
        search,
        block,
        report,
    ];
    for (const chapter of chapters) await told(t, chapter, story);
    story.root = await Person.administrator(place.browser, gateways[0]);
    for (const chapter of [judge, previewARange, forgive]) await told(t, chapter, story);
});

/** One chapter; what follows needs it, so the first failure ends the story. */
async function told(t, chapter, story) {
    let problem;
    await t.test(chapter.name, async () => {
        try {
            await chapter(story);
        } catch (error) {
            problem = error;
            throw error;
        }
    });
    if (problem) throw new Error(`the story ended at ${chapter.name}`, { cause: problem });
}
