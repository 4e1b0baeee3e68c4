// The diagrams in the documents are texts; here they are drawn as every reader's page draws them.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";
import { launch } from "./people.mjs";

const MERMAID = createRequire(import.meta.url)
    .resolve("mermaid")
    .replace(/mermaid\.core\.mjs$/, "mermaid.min.js");
const PAGES = ["ARCHITECTURE.md"];

let browser;

before(async () => {
    browser = await launch();
});
after(() => browser?.close());

const diagrams = (text) => [...text.matchAll(/```mermaid\n([^]*?)```/g)].map(([, source]) => source);

// What the source calls its participants and nodes: what is drawn must show all of it.
const labels = (source) =>
    [...source.matchAll(/participant \w+ as (.+)|\["([^"]+)"\]/g)].map(([, person, node]) => (person ?? node).trim());

const plain = (text) => text.replaceAll(/<br\s*\/?>|\s+/g, "");

test("the diagrams are drawn, with everything they name", async () => {
    const page = await browser.newPage();
    await page.addScriptTag({ path: MERMAID });
    for (const name of PAGES) {
        const found = diagrams(await readFile(new URL(`../${name}`, import.meta.url), "utf8"));
        assert.ok(found.length >= 2, `${name} has diagrams`);
        for (const [number, source] of found.entries()) {
            const drawn = await page.evaluate(
                async ([id, text]) => {
                    globalThis.mermaid.initialize({ startOnLoad: false });
                    const { svg } = await globalThis.mermaid.render(id, text);
                    document.body.innerHTML = svg;
                    const box = document.querySelector("svg").getBoundingClientRect();
                    return { text: document.body.textContent, width: box.width, height: box.height };
                },
                [`diagram-${number}`, source],
            );
            assert.ok(drawn.width > 100 && drawn.height > 100, `${name} ${number}: ${drawn.width} by ${drawn.height}`);
            assert.ok(labels(source).length >= 3, `${name} ${number} names something`);
            for (const label of labels(source)) {
                assert.ok(plain(drawn.text).includes(plain(label)), `${name} ${number} shows "${label}"`);
            }
        }
    }
    await page.close();
});
