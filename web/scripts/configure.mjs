// Prepares built files for a static host: `node scripts/configure.mjs --api https://chat.example.org dist/`.
// Writes into index.html which server the page talks to and what it may load, and a `_headers` file for hosts that read
// one. It can be run again on the same files, also with another address.

import { createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { compress } from "./compress.mjs";

const LOCAL = new Set(["localhost", "127.0.0.1", "[::1]"]);

/** The origin of an address that people wrote; throws what is wrong with it. */
export function originOf(api) {
    const address = new URL(api);
    if (address.protocol !== "https:" && !(address.protocol === "http:" && LOCAL.has(address.hostname))) {
        throw new Error(`${api}: only https keeps what people write to themselves`);
    }
    if (address.pathname !== "/" || address.search || address.hash || address.username) {
        throw new Error(`${api}: an origin is needed, such as ${address.origin}`);
    }
    return address.origin;
}

/** Files of the page's own, and the one server. */
export function policyFor(origin) {
    const socket = origin.replace(/^http/u, "ws");
    return [
        "default-src 'self'",
        `connect-src 'self' ${origin} ${socket}`,
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
    ].join("; ");
}

const POLICY = /\s*<meta http-equiv="Content-Security-Policy"[^>]*>/u;
const ORIGIN = /(<meta name="hubbub-origin" content=")[^"]*(")/u;
const CHARSET = /<meta charset="utf-8"\s*\/?>/iu;

/** The page with its server and its policy. The policy stands before everything that it is about. */
export function configured(html, origin) {
    if (!ORIGIN.test(html) || !CHARSET.test(html)) throw new Error("this index.html is not one of Hubbub's");
    return html
        .replace(POLICY, "")
        .replace(ORIGIN, `$1${origin}$2`)
        .replace(
            CHARSET,
            (charset) => `${charset}\n    <meta http-equiv="Content-Security-Policy" content="${policyFor(origin)}" />`,
        );
}

/** The service worker takes a file anew when its revision is another one. */
export function withRevision(worker, html) {
    const revision = createHash("md5").update(html).digest("hex");
    const entry = /\{[^{}]*"?url"?:\s*"index\.html"[^{}]*\}/u;
    if (!entry.test(worker)) throw new Error("this sw.js does not know index.html");
    return worker.replace(entry, (text) => text.replace(/("?revision"?:\s*")[^"]*(")/u, `$1${revision}$2`));
}

export function headersFor(origin) {
    return `/*
  Content-Security-Policy: ${policyFor(origin)}; frame-ancestors 'none'
  X-Content-Type-Options: nosniff
  Referrer-Policy: same-origin
  Cache-Control: no-cache
/assets/*
  ! Cache-Control
  Cache-Control: public, max-age=31536000, immutable
`;
}

async function main() {
    const { values, positionals } = parseArgs({ options: { api: { type: "string" } }, allowPositionals: true });
    const [dist] = positionals;
    if (!values.api || !dist) throw new Error("usage: configure.mjs --api https://chat.example.org dist/");
    const origin = originOf(values.api);
    const page = join(dist, "index.html");
    const html = configured(await readFile(page, "utf8"), origin);
    const worker = join(dist, "sw.js");
    await writeFile(worker, withRevision(await readFile(worker, "utf8"), html));
    await writeFile(page, html);
    await writeFile(join(dist, "_headers"), headersFor(origin));
    await compress(dist);
    console.log(`${dist} talks to ${origin}`);
    console.log("The server lets it in once HUBBUB_GATEWAY__ORIGINS has the origin the page is served from.");
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
    await main().catch((error) => {
        console.error(error.message);
        process.exitCode = 1;
    });
}
