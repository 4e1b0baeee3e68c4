// The people of the pictures, and what they say. On the server their names end in something random, so that they can
// sit as often as one likes; the pages are told the names without it.

import { Bot } from "./bots.mjs";
import { Person, gateways, randomName } from "./people.mjs";
import { Wire } from "./wire.mjs";

const RUDE = "Buy followers!!! Cheap, fast, discreet. Write to me now, first hundred are free.";
const QUESTION = "That would have been my next question, too.";
const COMMAND = "cargo run -p loadtest --release -- rooms --connections 1000";
const NOTES = ["two gateways, one room", "every message once, in order", "history back to the first line"];
const TALK = [
    ["linus", "Morning! The second gateway is up since eight."],
    ["marie", "Then this conversation crosses both of them. I am on the first."],
    [
        "grace",
        `Same order on both sides, by the way. I watched it during the load test:\n\n\`\`\`sh\n${COMMAND}\n\`\`\``,
    ],
    ["linus", "Let me pull the plug on mine and see what happens…"],
    ["linus", "Back. **Nothing is missing**, nothing came twice."],
    ["marie", `Lovely. Then the notes for the release are:\n${NOTES.map((note) => `- ${note}`).join("\n")}`],
    ["tomas", "@marie I would add the offline outbox: I wrote this in a tunnel."],
];

export class Sitters {
    #end = randomName("");
    #by = {};

    /** `marie` has a page, the others have none. */
    static async arrive(browser, context) {
        const sitters = new Sitters();
        await sitters.#arrive(browser, context);
        return sitters;
    }

    #named = (name) => `${name}${this.#end}`;

    #wire() {
        const wire = new Wire();
        const plain = (frame) => JSON.parse(JSON.stringify(frame).replaceAll(this.#end, ""));
        const shown = new Set(Object.values(this.#by).map(({ id }) => id));
        wire.rewrite((frame) => {
            const said = plain(frame);
            // Others report, too: the pictures show what is about these people alone.
            if (said.data?.reports) said.data.reports = said.data.reports.filter(({ user }) => shown.has(user));
            return said;
        });
        return wire;
    }

    async #arrive(browser, context) {
        const options = { name: this.#named("marie"), context, before: this.#wire().attach };
        this.marie = await Person.arrive(browser, gateways[0], options);
        await this.marie.signUp();
        const names = ["linus", "grace", "tomas", "spam-o-mat"];
        const arrivals = names.map((name, i) => Bot.arrive(gateways[i % 2], { name: this.#named(name) }));
        for (const [i, bot] of (await Promise.all(arrivals)).entries()) this.#by[names[i]] = bot;
        for (const [owner, name] of [
            ["grace", "design"],
            ["tomas", "music"],
            ["linus", "random"],
        ]) {
            const room = await this.#by[owner].createRoom(this.#named(name));
            await this.#by[owner].say(room, "hello, everyone");
            await this.#enter(room, name);
        }
        const { linus, ...others } = this.#by;
        this.room = await linus.createRoom(this.#named("release"), { topic: "Notes for the next release" });
        for (const bot of Object.values(others)) await bot.join(this.room);
    }

    async #enter(room, name) {
        const { marie } = this;
        await marie.enterRoom(room);
        await marie.seesHeading(`#${name}`);
    }

    /** A morning in the room of the release. */
    async talk() {
        const { marie, room } = this;
        const by = this.#by;
        await this.#enter(room, "release");
        for (const [name, plain] of TALK) {
            const text = plain.replace("@marie", `@${this.#named("marie")}`);
            if (name === "marie") await marie.say(text);
            else await by[name].say(room, text);
            await by.linus.sees(({ type, data }) => type === "message.new" && data.body === text);
        }
        const { messages } = await by.linus.request("history.get", { room });
        const [first, , third, , back] = messages;
        const react = (name, { message }, emoji) => by[name].request("reaction.add", { room, message, emoji });
        await react("linus", third, "🎉");
        for (const name of ["grace", "tomas"]) await react(name, back, "🙌");
        await by.grace.say(room, "How long did it take to start?", { thread: first.message });
        await by.linus.say(room, "Four seconds, with migrations.", { thread: first.message });
        await by.grace.say(room, QUESTION, { replyTo: messages.at(-1).message });
        await marie.hears(QUESTION);
        await marie.message(TALK[0][1]).getByRole("button", { name: "2 replies" }).waitFor();
    }

    /** Friends, one of whom has written; and somebody who would like to be one. */
    async befriend() {
        const { page } = this.marie;
        const { linus, grace, tomas } = this.#by;
        const user = `@${this.#named("marie")}`;
        await this.marie.go("/friends");
        for (const [name, bot] of Object.entries({ linus, grace })) {
            await bot.request("friend.request", { user });
            await page.getByRole("tab", { name: "Pending" }).click();
            const row = page.getByRole("listitem").filter({ hasText: name });
            await row.getByRole("button", { name: "Accept" }).click();
            await page.getByRole("tab", { name: "All" }).click();
            await page.getByRole("list", { name: "All friends" }).getByText(name).waitFor();
        }
        await tomas.request("friend.request", { user, note: "From the music room" });
        await linus.request("presence.set", { status: "dnd", text: "Pulling plugs" });
        await grace.request("dm.send", { to: user, body: "Lunch at one?" });
        await page.getByText("Pulling plugs").first().waitFor();
    }

    /** Two reports, and the administrator who looks at the first one. */
    async report(browser, context) {
        const by = this.#by;
        const { message } = await by["spam-o-mat"].say(this.room, RUDE);
        await by.linus.request("mod.report", { message, category: "spam", note: "The third time today." });
        const user = `@${this.#named("tomas")}`;
        await by.grace.request("mod.report", { user, category: "other", note: "Sings in the music room." });
        const root = await Person.administrator(browser, gateways[0], { context, before: this.#wire().attach });
        await root.go("/console/reports/open");
        const list = root.page.getByRole("list", { name: "Reports" });
        await list.getByRole("link").filter({ hasText: "Buy followers" }).click();
        await root.page.getByRole("article", { name: "Report" }).getByRole("figure").waitFor();
        return root;
    }
}
