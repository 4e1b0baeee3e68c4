// Takes the pictures of the documents, on a fresh stack: `HUBBUB_GATEWAYS=… node e2e/pictures.mjs`.

import { mkdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { Person, gateways, launch } from "./people.mjs";

const FOLDER = fileURLToPath(new URL("../docs/images/", import.meta.url));
const DESKTOP = { viewport: { width: 1280, height: 800 } };
const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true };

const TALK = [
  ["marie", "Morning! Is the second gateway up?"],
  ["linus", "Since eight. I am on it right now, you are on the first."],
  ["marie", "Then this conversation crosses both of them."],
  ["marie", "Same order on both sides, by the way."],
  ["linus", "Let me pull the plug on mine and see what happens…"],
  ["linus", "Back. Nothing is missing, nothing came twice."],
  ["marie", "Lovely. Then the notes for the release are:\n– two gateways, one room\n– every message once, in order\n– history back to the first line"],
];

const browser = await launch();
try {
  await mkdir(FOLDER, { recursive: true });
  const people = { marie: await arrive("marie", gateways[0], DESKTOP), linus: await arrive("linus", gateways[1], PHONE) };
  await talk(people);
  await picture(people.marie, "first-page", "light");
  await picture(people.marie, "first-page-dark", "dark");
  await picture(people.linus, "first-page-phone", "light");
} finally {
  await browser.close();
}

async function arrive(name, gateway, device) {
  const context = { ...device, deviceScaleFactor: 1.5, reducedMotion: "reduce", locale: "en-GB" };
  const person = await Person.arrive(browser, gateway, { context });
  person.name = name;
  await person.signUp();
  return person;
}

async function talk({ marie, linus }) {
  for (const room of ["design", "music"]) await linus.createRoom(room).then(() => linus.page.getByLabel("All rooms").click());
  await marie.createRoom("random");
  await marie.createRoom("board", "", { isPrivate: true });
  await marie.createRoom("release", "Notes for the next release");
  await linus.joinRoom("release");
  for (const [name, text] of TALK) {
    await { marie, linus }[name].say(text);
    await Promise.all([marie.hears(text), linus.hears(text)]);
  }
}

async function picture(person, name, colorScheme) {
  await person.page.emulateMedia({ colorScheme });
  await person.page.mouse.move(0, 0);
  person.isUntroubled();
  await person.page.screenshot({ path: `${FOLDER}${name}.png` });
}
