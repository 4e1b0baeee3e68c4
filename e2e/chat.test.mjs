// Two people on two gateways hold a conversation on the first page.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Person, gateways, launch, randomName } from "./people.mjs";

let browser;

before(async () => {
  assert.ok(gateways.length >= 2, "HUBBUB_GATEWAYS must name two gateways, separated by a comma");
  browser = await launch();
});
after(() => browser?.close());

test("two people on two gateways see one conversation in one order", async () => {
  const room = randomName("lobby");
  const ada = await Person.arrive(browser, gateways[0], { prefix: "ada" });
  const bob = await Person.arrive(browser, gateways[1], { prefix: "bob" });
  await Promise.all([ada.signUp(), bob.signUp()]);
  await ada.createRoom(room, "where everyone meets");
  await bob.joinRoom(room);
  await ada.page.getByText(`${bob.name} joined`).waitFor();

  await ada.say("hello bob");
  await bob.hears("hello bob");
  await bob.say("hello ada");
  await ada.hears("hello ada");

  const said = [];
  for (let i = 0; i < 10; i += 1) {
    said.push(`ada ${i}`, `bob ${i}`);
    await Promise.all([ada.say(`ada ${i}`), bob.say(`bob ${i}`)]);
  }
  for (const text of said) await Promise.all([ada.hears(text), bob.hears(text)]);
  const [hers, his] = [await ada.heard(), await bob.heard()];
  assert.deepEqual(hers, his);
  assert.equal(hers.length, 22, "each message once");
  const sentBy = (who) => hers.filter((text) => text.startsWith(`${who} `));
  assert.deepEqual(sentBy("ada"), said.filter((text) => text.startsWith("ada ")), "a sender's own order is kept");

  await ada.page.reload();
  await ada.online().waitFor({ state: "attached" });
  await ada.hears("bob 9");
  assert.deepEqual(await ada.heard(), hers, "a reload shows the history");
  for (const person of [ada, bob]) person.isUntroubled();
  await Promise.all([ada.context.close(), bob.context.close()]);
});

test("markup in a message stays text", async () => {
  const ada = await Person.arrive(browser, gateways[0], { prefix: "eve" });
  await ada.signUp();
  await ada.createRoom(randomName("text"));
  const text = '<img src=x onerror="document.title=1"><script>document.title=2</script>';
  await ada.say(text);
  await ada.hears(text);
  assert.equal(await ada.page.locator(".message img, .message script").count(), 0);
  ada.isUntroubled();
  await ada.context.close();
});

test("history is loaded upward, without a jump", async () => {
  const ada = await Person.arrive(browser, gateways[0], { prefix: "una" });
  await ada.signUp();
  const name = randomName("long");
  await ada.createRoom(name);
  for (let i = 0; i < 70; i += 1) await ada.say(`line ${i}`);
  // Sends of one room go one by one, and a person has a rate: the last ones wait for their turn.
  await ada.page.locator(".message:not(.pending) .body").getByText("line 69", { exact: true }).waitFor({ timeout: 40_000 });
  await ada.page.reload();
  await ada.online().waitFor({ state: "attached" });
  await ada.hears("line 69");
  assert.ok((await ada.heard()).length < 70, "only the newest page at first");
  await ada.page.locator(".scroller").evaluate((scroller) => {
    scroller.scrollTop = 0;
  });
  await ada.hears("line 0");
  const heard = await ada.heard();
  assert.deepEqual(heard, Array.from({ length: 70 }, (_, i) => `line ${i}`));
  await ada.context.close();
});

test("a wrong password and a taken name are told at the form", async () => {
  const ada = await Person.arrive(browser, gateways[0], { prefix: "ida" });
  await ada.signUp();
  const other = await Person.arrive(browser, gateways[1]);
  other.name = ada.name;
  await other.page.getByLabel("Name").fill(ada.name);
  await other.page.getByLabel("Password").fill("nine loud ducklings");
  await other.page.getByRole("button", { name: "Sign up" }).click();
  await other.page.getByRole("alert").filter({ hasText: /./ }).waitFor();
  await other.page.getByRole("button", { name: "Log in", exact: true }).click();
  await other.page.getByLabel("Password").fill("eight tall storks");
  await other.page.getByRole("button", { name: "Log in", exact: true }).first().click();
  await other.page.getByRole("alert").filter({ hasText: /./ }).waitFor();
  await ada.page.getByRole("button", { name: "Log out" }).click();
  await ada.page.getByRole("heading", { name: "Create your account" }).waitFor();
  ada.isUntroubled();
  await Promise.all([ada.context.close(), other.context.close()]);
});

for (const [device, width, height] of [["phone", 360, 740], ["desktop", 1280, 800]]) {
  for (const colorScheme of ["light", "dark"]) {
    test(`nothing scrolls sideways: ${device}, ${colorScheme}`, async () => {
      const context = { viewport: { width, height }, colorScheme, hasTouch: device === "phone" };
      const ada = await Person.arrive(browser, gateways[0], { prefix: "zoe", context });
      await ada.widthIsRespected();
      await ada.signUp();
      await ada.widthIsRespected();
      await ada.createRoom(randomName("narrow"), "a topic that is rather long for a narrow phone, so it must be cut");
      await ada.say(`a word that never ends: ${"x".repeat(300)}`);
      await ada.hears(/never ends/);
      await ada.widthIsRespected();
      if (device === "phone") {
        await ada.page.getByRole("button", { name: "Members" }).click();
        await ada.page.locator(".person", { hasText: ada.name }).waitFor();
        await ada.widthIsRespected();
      }
      ada.isUntroubled();
      await ada.context.close();
    });
  }
}
