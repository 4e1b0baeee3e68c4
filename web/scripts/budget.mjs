// What a browser loads before the page shows anything: the scripts and style sheets that index.html names, and what those
// scripts import. Told in a table, gzipped; fails over the budget. `node scripts/budget.mjs [dist]`

import { readFile } from "node:fs/promises";
import { dirname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const BUDGET = 150 * 1024;

/** The files that a page names. */
export function namedBy(html) {
    const scripts = [...html.matchAll(/<script\b[^>]*\bsrc="([^"]+)"/gu)].map(([, path]) => path);
    const links = [...html.matchAll(/<link\b[^>]*>/gu)]
        .map(([link]) => link)
        .filter((link) => /rel="(stylesheet|modulepreload)"/u.test(link))
        .map((link) => /href="([^"]+)"/u.exec(link)?.[1])
        .filter(Boolean);
    return [...scripts, ...links].filter((path) => !/^https?:/u.test(path)).map((path) => path.replace(/^\.?\//u, ""));
}

/** What a module imports before it runs; `import()` comes later and does not count. */
export function importedBy(code) {
    const found = [...code.matchAll(/(?:^|[;}\s])(?:import|export)\s*(?:[^"'()]*?\bfrom\s*)?["'](\.[^"']+)["']/gu)];
    return found.map(([, path]) => path);
}

async function collect(dist, path, known) {
    if (known.has(path)) return;
    const bytes = await readFile(join(dist, path));
    known.set(path, gzipSync(bytes, { level: 9 }).length);
    if (!path.endsWith(".js")) return;
    for (const next of importedBy(bytes.toString())) await collect(dist, normalize(join(dirname(path), next)), known);
}

async function main() {
    const dist = process.argv[2] ?? join(import.meta.dirname, "../dist");
    const known = new Map();
    for (const path of namedBy(await readFile(join(dist, "index.html"), "utf8"))) await collect(dist, path, known);
    const rows = [...known].sort(([, a], [, b]) => b - a);
    const total = rows.reduce((sum, [, size]) => sum + size, 0);
    const kilo = (size) => `${(size / 1024).toFixed(1).padStart(7)} KB`;
    for (const [path, size] of rows) console.log(`${kilo(size)}  ${path}`);
    console.log(`${kilo(total)}  in all, gzipped (at most ${BUDGET / 1024} KB)`);
    if (total > BUDGET) process.exitCode = 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
