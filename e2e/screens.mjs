// Every screen of the client, with something on it: what is looked at for access and for sizes.

import { Bot } from "./bots.mjs";
import { Person, gateways, randomName } from "./people.mjs";

const SETTINGS = ["profile", "account", "privacy", "sessions", "notifications", "appearance", "keyboard"];
const CONSOLE = ["overview", "reports/open", "users", "bans", "audit", "connections", "delivery", "filters"];

const TALK = [
    "Morning! Is anyone in yet?",
    "Since eight. **Two** kettles are on, and `make tea` works again.",
    "> a quote\n\nand what I think of it:\n- one\n- two\n\n```js\nconst cups = kettles.map((kettle) => kettle.pour());\n```",
    `a word that never ends: ${"x".repeat(200)}`,
    "https://example.org/a/rather/long/address?with=parameters&and=more#and-a-fragment",
];

/** A world with all that screens show: rooms, friends, requests, notifications, a thread, a report. */
export async function furnish(browser, url, options = {}) {
    const ada = await Person.arrive(browser, url, { prefix: "ada", ...options });
    await ada.signUp();
    const [bob, cy] = await Promise.all([
        Bot.arrive(gateways[1], { prefix: "bob" }),
        Bot.arrive(gateways[0], { prefix: "cy" }),
    ]);
    const room = await bob.createRoom(randomName("kitchen"), {
        topic: "a topic that is rather long, so that it must be cut somewhere",
    });
    for (const body of TALK) await bob.say(room, body);
    await ada.enterRoom(room);
    await ada.say("I am in");
    await ada.hears("I am in");
    const root = (await bob.request("history.get", { room })).messages.find(({ body }) => body === TALK[0]);
    await bob.say(room, `@${ada.name} look at this`, { replyTo: root.message });
    await bob.request("reaction.add", { room, message: root.message, emoji: "🎉" });
    await bob.say(room, "a thread begins", { thread: root.message });
    await bob.request("friend.request", { user: `@${ada.name}`, note: "we met at the kettle" });
    await ada.hears(`@${ada.name} look at this`);
    await befriendByHand(ada, cy);
    return { ada, bots: [bob, cy], room, thread: root.message };
}

async function befriendByHand(person, bot) {
    await bot.request("friend.request", { user: `@${person.name}` });
    await person.go("/friends");
    await person.page.getByRole("tab", { name: "Pending" }).click();
    const request = person.page.getByRole("listitem").filter({ hasText: bot.name });
    await request.getByRole("button", { name: "Accept" }).click();
    await person.seesToast("friends now");
}

/** The places of a person, by name, with what shows that each is there. */
export function placesOf({ room, thread }) {
    const heading = (name) => (page) => page.getByRole("heading", { name, level: 1 }).waitFor();
    const log = (page) => page.getByRole("log").locator("article").first().waitFor();
    return [
        [
            "browse",
            "/rooms",
            (page) =>
                page
                    .getByRole("button", { name: /Join room|Open/u })
                    .first()
                    .waitFor(),
        ],
        ["conversation", `/rooms/${room}`, log],
        [
            "thread",
            `/rooms/${room}/thread/${thread}`,
            (page) => page.getByRole("complementary").getByText("a thread begins").waitFor(),
        ],
        ["friends", "/friends", heading("Friends")],
        ["notifications", "/notifications", (page) => page.locator("[data-notification]").first().waitFor()],
        ["search", "/search", heading("Search")],
        ...SETTINGS.map((part) => [
            `settings: ${part}`,
            `/settings/${part}`,
            (page) => page.getByRole("heading", { level: 1 }).waitFor(),
        ]),
        ["nowhere", "/nothing/here", heading("Nothing here")],
    ];
}

/** The places of an administrator, by name, with what shows that each is there. */
export function consolePlacesOf({ ada, thread }) {
    const isCurrent = (page) => page.getByRole("navigation", { name: "Console" }).locator("[aria-current]").waitFor();
    return [
        ...CONSOLE.map((part) => [`console: ${part}`, `/console/${part}`, isCurrent]),
        [
            "console: an explanation",
            `/console/delivery/${thread}/@${ada.name}`,
            (page) => page.getByRole("article", { name: "Explanation" }).waitFor(),
        ],
    ];
}

/** Goes there and waits until nothing is being loaded any more. */
export async function visit(person, [, path, isThere]) {
    await person.go(path);
    await isThere(person.page);
    await person.page.waitForFunction(() => !document.querySelector('main [aria-busy="true"]'));
}
