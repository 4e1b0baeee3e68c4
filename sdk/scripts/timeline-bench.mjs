// What a message costs in a timeline that is 100, 10,000 or 100,000 long: `node sdk/scripts/timeline-bench.mjs`.

import { build } from "esbuild";
import { fileURLToPath } from "node:url";

const source = fileURLToPath(new URL("../src/store/timeline-state.ts", import.meta.url));
const { outputFiles } = await build({ entryPoints: [source], bundle: true, format: "esm", write: false });
const code = Buffer.from(outputFiles[0].text).toString("base64");
const { timelineAfter, firstPage, olderPage, unloaded } = await import(`data:text/javascript;base64,${code}`);

const LENGTHS = [100, 10_000, 100_000];
const ROUNDS = 2_000;
const PAGE = 50;

const message = (seq) => ({
    message: `m${seq}`,
    room: "r",
    seq,
    at: seq,
    reactions: [],
    key: `k${seq}`,
    rev: 1,
    mentions: [],
    author: {
        id: "u",
        name: "ada",
    },
    body: `message ${seq}`,
});
const page = (from, count) => ({ messages: Array.from({ length: count }, (_, at) => message(from + at)), more: true });
const posted = (seq) => ({ type: "message.new", room: "r", stream: "r", seq, data: message(seq) });

/** The fastest of some runs, in ns for each of `count` things: what else the machine does only makes it slower. */
function measure(count, run) {
    const times = Array.from({ length: 25 }, () => {
        const begin = process.hrtime.bigint();
        run();
        return Number(process.hrtime.bigint() - begin) / count;
    });
    return Math.round(Math.min(...times));
}

const rows = LENGTHS.map((length) => {
    const base = 1_000_000;
    const full = firstPage(unloaded, { ...page(base, length), more: false }, "latest", "me");
    const news = Array.from({ length: ROUNDS }, (_, at) => posted(base + length + at));
    const edits = Array.from({ length: ROUNDS }, (_, at) => {
        const id = `m${base + ((at * 7919) % length)}`;
        return {
            type: "reaction.changed",
            data: { message: id, emoji: "x", count: at + 1, on: true, user: { id: "u" } },
        };
    });
    const pages = Array.from({ length: 100 }, (_, at) => page(base - (at + 1) * PAGE, PAGE));
    const apply = (events) => events.reduce((state, event) => timelineAfter(state, event, "me", undefined), full);
    const prepend = () => pages.reduce((state, each) => olderPage(state, state.list.first.seq, each, "me"), full);
    const after = apply(news);
    if (after.list.length !== length + ROUNDS) throw new Error("messages are missing");
    if (prepend().list.length !== length + 100 * PAGE) throw new Error("pages are missing");
    return {
        length,
        "append, ns each": measure(ROUNDS, () => apply(news)),
        "change, ns each": measure(ROUNDS, () => apply(edits)),
        "prepend a page of 50, ns": measure(100, prepend),
        "array for a render, ns": measure(20, () => {
            for (let run = 0; run < 20; run += 1) full.list.toArray();
        }),
    };
});
console.table(rows);
