// Rooms on the first page: private ones, leaving, and what happens in a room nobody looks at.

import { after, before, test } from "node:test";
import { Person, gateways, launch, randomName } from "./people.mjs";

let browser;

before(async () => {
  browser = await launch();
});
after(() => browser?.close());

test("a private room is seen and entered by invitation only", async () => {
  const room = randomName("secret");
  const ada = await Person.arrive(browser, gateways[0], { prefix: "ada" });
  const bob = await Person.arrive(browser, gateways[1], { prefix: "bob" });
  await Promise.all([ada.signUp(), bob.signUp()]);
  await ada.createRoom(room, "", { isPrivate: true });
  await bob.page.getByLabel("Find a room").fill(room);
  await bob.page.getByText("Nothing else here.").waitFor();

  await ada.page.getByLabel("Name of the person to invite").fill(bob.name);
  await ada.page.getByRole("button", { name: "Invite", exact: true }).click();
  await ada.page.getByText(`${bob.name} may join now`).waitFor();
  await bob.page.getByText(`${ada.name} invited you to ${room}`).waitFor();
  await bob.joinRoom(room);
  await ada.say("for your eyes only");
  await bob.hears("for your eyes only");
  for (const person of [ada, bob]) person.isUntroubled();
  await Promise.all([ada.context.close(), bob.context.close()]);
});

test("who leaves is told to the others and can come back", async () => {
  const room = randomName("door");
  const ada = await Person.arrive(browser, gateways[0], { prefix: "ada" });
  const bob = await Person.arrive(browser, gateways[1], { prefix: "bob" });
  await Promise.all([ada.signUp(), bob.signUp()]);
  await ada.createRoom(room);
  await bob.joinRoom(room);
  await ada.page.locator(".members").getByText(bob.name).waitFor();
  await bob.page.getByRole("button", { name: "Leave this room" }).click();
  await ada.page.getByText(`${bob.name} left`).waitFor();
  await ada.page.locator(".members").getByText(bob.name).waitFor({ state: "detached" });
  await bob.page.getByText("Pick a room to begin").waitFor();

  await ada.say("you missed this");
  await bob.joinRoom(room);
  await bob.hears("you missed this");
  for (const person of [ada, bob]) person.isUntroubled();
  await Promise.all([ada.context.close(), bob.context.close()]);
});

test("a room nobody looks at counts what is new", async () => {
  const [busy, quiet] = [randomName("busy"), randomName("quiet")];
  const ada = await Person.arrive(browser, gateways[0], { prefix: "ada" });
  const bob = await Person.arrive(browser, gateways[1], { prefix: "bob" });
  await Promise.all([ada.signUp(), bob.signUp()]);
  await ada.createRoom(busy);
  await bob.joinRoom(busy);
  await bob.createRoom(quiet);
  await ada.say("one");
  await ada.say("two");
  const row = bob.page.locator(".room", { hasText: busy });
  await row.getByLabel("2 unread").waitFor();
  await row.click();
  await bob.hears("two");
  await row.getByLabel("2 unread").waitFor({ state: "detached" });
  for (const person of [ada, bob]) person.isUntroubled();
  await Promise.all([ada.context.close(), bob.context.close()]);
});
