// Takes the pictures of the documentation: `HUBBUB_GATEWAYS=… node e2e/pictures.mjs`, on a running stack.

import { mkdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { Person, gateways, launch, randomName } from "./people.mjs";

const FOLDER = fileURLToPath(new URL("../docs/images/", import.meta.url));

const TALK = [
  ["ada", "Good morning! Has anyone tried the new release on two gateways yet?"],
  ["grace", "Just did. I am on the other one, and this arrives in the same order."],
  ["grace", "I even killed my gateway while you were typing."],
  ["ada", "And?"],
  ["grace", "My client came back on the second gateway and got exactly what it had missed."],
  ["ada", "That is what I wanted to hear."],
];

const people = async (browser, scheme, viewport) => {
  const context = { colorScheme: scheme, viewport };
  const ada = await Person.arrive(browser, gateways[0], { prefix: "ada", context });
  const grace = await Person.arrive(browser, gateways[1] ?? gateways[0], { prefix: "grace", context });
  await ada.signUp();
  await grace.signUp();
  return { ada, grace };
};

const talk = async (browser, name, scheme, viewport) => {
  const { ada, grace } = await people(browser, scheme, viewport);
  const room = randomName("lounge");
  await ada.createRoom(room, "Where we talk");
  await grace.joinRoom(room);
  for (const [who, text] of TALK) {
    await { ada, grace }[who].say(text);
    await Promise.all([ada.hears(text), grace.hears(text)]);
  }
  await ada.page.screenshot({ path: `${FOLDER}${name}.png` });
  await Promise.all([ada.context.close(), grace.context.close()]);
};

await mkdir(FOLDER, { recursive: true });
const browser = await launch();
try {
  await talk(browser, "first-page", "light", { width: 1280, height: 800 });
  await talk(browser, "first-page-dark", "dark", { width: 1280, height: 800 });
  await talk(browser, "first-page-phone", "light", { width: 390, height: 844 });
} finally {
  await browser.close();
}
