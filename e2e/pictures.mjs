// Pictures of the documents: taken, or compared with what a page looks like now.

import { mkdir, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import pixelmatch from "pixelmatch";
import { PNG } from "pngjs";

const FOLDER = fileURLToPath(new URL("../docs/images/", import.meta.url));
const FONTS = join(FOLDER, "fonts.json");
/** What differs in every run: times, and the colours of people and their ids. */
const MASKED = 'time, code, [class*="_face_"], [class*="_badge_"]';
/** How different a pixel must be to count, and how many may be. */
const THRESHOLD = 0.2;
const TOLERANCE = 0.025;
/** After so many pictures of a page that does not come to rest, the last one counts. */
const TRIES = 10;

export const isUpdating = process.env.UPDATE_PICTURES === "1";

/** How this machine draws text: pictures of two machines are compared only where it is the same. */
export const fontsOf = (page) =>
    page.evaluate(() => {
        const canvas = document.createElement("canvas").getContext("2d");
        const widths = ["system-ui", "monospace"].flatMap((family) =>
            ["400", "700"].map((weight) => {
                canvas.font = `${weight} 20px ${family}`;
                return ["Hamburgefonstiv 0123456789", "👍🎉"]
                    .map((text) => canvas.measureText(text).width.toFixed(2))
                    .join("/");
            }),
        );
        return widths.join(" ");
    });

/** The fonts that the pictures were taken with. */
export async function fontsOfPictures() {
    try {
        return JSON.parse(await readFile(FONTS, "utf8")).fonts;
    } catch {
        return undefined;
    }
}

export async function keepFonts(fonts) {
    await mkdir(FOLDER, { recursive: true });
    await writeFile(FONTS, `${JSON.stringify({ fonts }, undefined, 2)}\n`);
}

async function calm(page) {
    await page.mouse.move(0, 0);
    await page.evaluate(async () => {
        await document.fonts.ready;
        if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
        const passing = document.getAnimations().filter(({ effect }) => effect.getComputedTiming().iterations < 9);
        await Promise.allSettled(passing.map(({ finished }) => finished));
    });
}

const boxesOf = (page) =>
    page.evaluate((masked) => {
        const all = [...document.querySelectorAll(masked)].map((element) => element.getBoundingClientRect());
        return all.map(({ left, top, width, height }) => ({ left, top, width, height }));
    }, MASKED);

/** Paints over what is masked, with a little more around it. */
function mask(image, boxes, scale) {
    for (const { left, top, width, height } of boxes) {
        const right = Math.min(image.width, Math.ceil((left + width) * scale) + 2);
        const bottom = Math.min(image.height, Math.ceil((top + height) * scale) + 2);
        for (let y = Math.max(0, Math.floor(top * scale) - 2); y < bottom; y += 1) {
            const from = (y * image.width + Math.max(0, Math.floor(left * scale) - 2)) * 4;
            image.data.fill(127, from, Math.max(from, (y * image.width + right) * 4));
        }
    }
}

/** What the page looks like when two pictures in a row are the same: a list moves for a moment after a change of size. */
async function shotAtRest(page) {
    let shot;
    for (let i = 0; i < TRIES; i += 1) {
        const before = shot;
        shot = await page.screenshot({ animations: "disabled", caret: "hide" });
        if (before && shot.equals(before)) break;
    }
    return shot;
}

/** Takes a picture anew, or tells how it differs from the one that is kept; nothing when it does not. */
export async function picture(page, name, scale) {
    await calm(page);
    const file = join(FOLDER, `${name}.png`);
    const shot = await shotAtRest(page);
    if (isUpdating) {
        await writeFile(file, shot);
        return undefined;
    }
    const kept = PNG.sync.read(await readFile(file));
    const taken = PNG.sync.read(shot);
    const { width, height } = kept;
    if (taken.width !== width || taken.height !== height) return `${name}: ${taken.width} by ${taken.height} now`;
    const boxes = await boxesOf(page);
    for (const image of [kept, taken]) mask(image, boxes, scale);
    const difference = new PNG({ width, height });
    const pixels = pixelmatch(kept.data, taken.data, difference.data, width, height, { threshold: THRESHOLD });
    const share = pixels / (width * height);
    if (share <= TOLERANCE) return undefined;
    const folder = join(process.env.HUBBUB_LOGS ?? tmpdir(), "pictures");
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, `${name}.png`), shot);
    await writeFile(join(folder, `${name}-difference.png`), PNG.sync.write(difference));
    return `${name}: ${(share * 100).toFixed(1)} % of it differ; see ${folder}`;
}
