// A crowd: as many people as HUBBUB_CROWD says (20 by default), each in a browser context of their own, over all gateways,
// all writing at once.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Person, gateways, launch, randomName } from "./people.mjs";

const SIZE = Number(process.env.HUBBUB_CROWD ?? 20);
// That many sign-ups at a time: each costs the server a password hash and this machine a page.
const AT_ONCE = 5;
const PATIENCE_MS = 60_000;

let browser;

before(async () => {
  assert.ok(gateways.length >= 2, "HUBBUB_GATEWAYS must name two gateways, separated by a comma");
  browser = await launch();
});
after(() => browser?.close());

async function arrive(index) {
  const person = await Person.arrive(browser, gateways[index % gateways.length], { prefix: `c${index}` });
  person.page.setDefaultTimeout(PATIENCE_MS);
  await person.signUp();
  return person;
}

test("a crowd in browsers talks at once, and all see the same", async () => {
  const room = randomName("square");
  const host = await arrive(0);
  await host.createRoom(room);
  const crowd = [host];
  for (let first = 1; first < SIZE; first += AT_ONCE) {
    const group = Array.from({ length: Math.min(AT_ONCE, SIZE - first) }, (_, i) => arrive(first + i));
    const people = await Promise.all(group);
    await Promise.all(people.map((person) => person.joinRoom(room)));
    crowd.push(...people);
  }
  const said = crowd.map((_, index) => `words of ${index}`);
  await Promise.all(crowd.map((person, index) => person.say(said[index])));
  await Promise.all(crowd.flatMap((person) => said.map((text) => person.hears(text))));

  const seen = await Promise.all(crowd.map((person) => person.heard()));
  assert.deepEqual([...seen[0]].sort(), [...said].sort(), "each message once");
  for (const other of seen) assert.deepEqual(other, seen[0], "one order for all");
  for (const person of crowd) person.isUntroubled();
  await Promise.all(crowd.map((person) => person.context.close()));
});
