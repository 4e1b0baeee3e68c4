// The main screens look as their pictures in docs/images do. UPDATE_PICTURES=1 takes the pictures anew.

import assert from "node:assert/strict";
import { fontsOf, fontsOfPictures, isUpdating, keepFonts, picture } from "./pictures.mjs";
import { Person, gateways, scene, useBrowser } from "./people.mjs";
import { Sitters } from "./sitters.mjs";

const place = useBrowser();
const SCALE = 1.5;
const SIZES = { "": { width: 1280, height: 800 }, "-phone": { width: 390, height: 844 } };
const CONTEXT = { deviceScaleFactor: SCALE, reducedMotion: "reduce", locale: "en-GB", viewport: SIZES[""] };

/** Every size and shade of what is on the page; what differs. */
async function pictures({ page }, name) {
    const found = [];
    for (const [suffix, size] of Object.entries(SIZES)) {
        await page.setViewportSize(size);
        for (const colorScheme of ["light", "dark"]) {
            await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
            found.push(await picture(page, `${name}-${colorScheme}${suffix}`, SCALE));
        }
    }
    await page.setViewportSize(SIZES[""]);
    return found.filter(Boolean);
}

scene("the main screens look like their pictures", async (t) => {
    const stranger = await Person.arrive(place.browser, gateways[0], { context: CONTEXT });
    await stranger.page.getByLabel("Password", { exact: true }).waitFor();
    const fonts = await fontsOf(stranger.page);
    if (isUpdating) await keepFonts(fonts);
    else if (fonts !== (await fontsOfPictures())) return t.skip("this machine has other fonts than the pictures");

    const found = await pictures(stranger, "welcome");
    const sitters = await Sitters.arrive(place.browser, CONTEXT);
    const { marie } = sitters;
    await sitters.befriend();
    await marie.readNotices();
    found.push(...(await pictures(marie, "friends")));
    await sitters.talk();
    await marie.readNotices();
    found.push(...(await pictures(marie, "conversation")));
    const root = await sitters.report(place.browser, CONTEXT);
    found.push(...(await pictures(root, "console")));
    assert.deepEqual(found, []);
});
