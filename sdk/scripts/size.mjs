// How much each entry costs, gzipped, beyond those below it. Exits with 1 when one is over its limit.
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

import { build } from "esbuild";

const source = (path) => fileURLToPath(new URL(`../src/${path}`, import.meta.url));

/** Each contains those before it, as an app that uses it does. */
const ENTRIES = [
    { name: "core", path: "index.ts", limit: 10_240 },
    // All of a chat: rooms, timelines, people, presence, notifications, offline reading, optimistic changes.
    { name: "store", path: "store/index.ts", limit: 13_312 },
    { name: "react", path: "react/index.ts", limit: 2_048 },
];

async function gzipped(paths) {
    const contents = paths.map((path) => `export * from ${JSON.stringify(path)};`).join("\n");
    const bundle = await build({
        stdin: { contents, resolveDir: source("."), loader: "ts" },
        bundle: true,
        minify: true,
        write: false,
        format: "esm",
        target: "es2022",
        external: ["react", "react/jsx-runtime"],
    });
    return gzipSync(bundle.outputFiles[0].contents, { level: 9 }).length;
}

let isOver = false;
let before = 0;
const rows = [];
for (const [at, { name, limit }] of ENTRIES.entries()) {
    const total = await gzipped(ENTRIES.slice(0, at + 1).map((entry) => source(entry.path)));
    const bytes = total - before;
    before = total;
    isOver ||= bytes > limit;
    rows.push({ entry: name, bytes, limit, verdict: bytes > limit ? "over" : "ok" });
}
console.table(rows);
process.exitCode = isOver ? 1 : 0;
