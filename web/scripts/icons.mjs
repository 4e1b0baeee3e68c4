// Makes the PNG icons from icon.svg with a browser: `node scripts/icons.mjs`. The results are kept in the repository.

import { mkdir, readFile, writeFile } from "node:fs/promises";
import { chromium } from "playwright-core";

const PUBLIC = new URL("../public/", import.meta.url);
const GROUND = "#0d7a6c";
const INK = "#ffffff";

/** `margin` is the part of the width that stays free on each side; masks cut off up to a tenth. */
const ICONS = [
    { file: "icons/icon-192.png", size: 192, margin: 0.04 },
    { file: "icons/icon-512.png", size: 512, margin: 0.04 },
    { file: "icons/maskable-512.png", size: 512, margin: 0.2, ground: GROUND },
    { file: "icons/apple-touch-icon.png", size: 180, margin: 0.16, ground: GROUND },
];

const svg = await readFile(new URL("icon.svg", PUBLIC), "utf8");
/** On the accent the bubble is white and the voices in it have the accent's colour. */
const swapped = svg.replaceAll("#fff", "#swap").replaceAll(GROUND, INK).replaceAll("#swap", GROUND);

await mkdir(new URL("icons/", PUBLIC), { recursive: true });
const browser = await chromium.launch({
    executablePath: process.env.HUBBUB_CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu"],
});
try {
    for (const { file, size, margin, ground } of ICONS) {
        const page = await browser.newPage({ viewport: { width: size, height: size } });
        const picture = Buffer.from(ground ? swapped : svg).toString("base64");
        const inner = Math.round(size * (1 - 2 * margin));
        await page.setContent(
            `<body style="margin:0;display:grid;place-items:center;height:100vh;background:${ground ?? "transparent"}">
        <img width="${inner}" height="${inner}" src="data:image/svg+xml;base64,${picture}"></body>`,
            { waitUntil: "load" },
        );
        await writeFile(new URL(file, PUBLIC), await page.screenshot({ omitBackground: !ground }));
        await page.close();
    }
} finally {
    await browser.close();
}
