// The first page when its connection is cut: it says so, keeps what was written, and misses nothing.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Person, gateways, launch, randomName } from "./people.mjs";

let browser;

before(async () => {
  browser = await launch();
});
after(() => browser?.close());

// Puts a hand between the page and its sockets and tickets. The routes must be in place before the page is loaded.
class Cable {
  #sockets = new Set();
  #page;

  static async between(page) {
    const cable = new Cable();
    cable.#page = page;
    await page.routeWebSocket("**/v1/rt", (socket) => {
      socket.connectToServer();
      cable.#sockets.add(socket);
    });
    await page.reload();
    return cable;
  }

  // Cuts every socket; until `mend` there is no ticket for a new one.
  async cut(code) {
    await this.#page.route("**/v1/rt/tickets", (route) => route.fulfill({ status: 503, json: { reason: "UNAVAILABLE", detail: "unplugged" } }));
    for (const socket of this.#sockets) await socket.close({ code, reason: "unplugged" });
    this.#sockets.clear();
  }

  async mend() {
    await this.#page.unroute("**/v1/rt/tickets");
  }
}

async function meet() {
  const room = randomName("cable");
  const ada = await Person.arrive(browser, gateways[0], { prefix: "ada" });
  const bob = await Person.arrive(browser, gateways[1], { prefix: "bob" });
  const cable = await Cable.between(ada.page);
  await Promise.all([ada.signUp(), bob.signUp()]);
  await ada.createRoom(room);
  await bob.joinRoom(room);
  await ada.say("before");
  await bob.hears("before");
  return { ada, bob, cable };
}

test("a cut is told, what was written waits, and nothing is missed or doubled", async () => {
  const { ada, bob, cable } = await meet();
  await cable.cut(4000);
  await ada.page.locator(".state[data-state=recovering]").waitFor();
  await ada.say("written while away");
  await ada.page.locator(".message.pending", { hasText: "written while away" }).waitFor();
  await ada.page.getByRole("status").getByText("1 message waiting").waitFor();
  await bob.say("said while ada was away");
  await bob.hears("said while ada was away");

  await cable.mend();
  await ada.online().waitFor({ state: "attached" });
  await ada.hears("said while ada was away");
  await bob.hears("written while away");
  await ada.hears("written while away");
  assert.deepEqual(await ada.heard(), await bob.heard());
  assert.equal((await ada.heard()).length, 3, "each message once");
  await ada.page.locator(".bar").waitFor({ state: "hidden" });
  bob.isUntroubled();
  await Promise.all([ada.context.close(), bob.context.close()]);
});

test("a code of the range 44xx ends it until the person asks", async () => {
  const { ada, bob, cable } = await meet();
  let asked = 0;
  ada.page.on("request", (request) => (asked += request.url().endsWith("/v1/rt/tickets") ? 1 : 0));
  await cable.cut(4409);
  await cable.mend();
  await ada.page.getByRole("status").getByText("Disconnected").waitFor();
  assert.equal(asked, 0, "no try by itself");
  await ada.page.getByRole("button", { name: "Connect again" }).click();
  await ada.online().waitFor({ state: "attached" });
  await bob.say("welcome back");
  await ada.hears("welcome back");
  await Promise.all([ada.context.close(), bob.context.close()]);
});

test("a session that ended elsewhere leads back to the form", async () => {
  const { ada, bob } = await meet();
  // A second window of the same browser shares the session.
  const other = await ada.context.newPage();
  await other.goto(gateways[0]);
  await other.getByRole("button", { name: "Log out" }).click();
  await ada.page.getByText("Your session is over").waitFor();
  await ada.page.getByLabel("Password").waitFor();
  await Promise.all([ada.context.close(), bob.context.close()]);
});
