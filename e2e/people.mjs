// People in browsers: each has a context of their own, so cookies never mix, and reports everything that went wrong.

import assert from "node:assert/strict";
import { chromium } from "playwright-core";

const ARGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export const gateways = (process.env.HUBBUB_GATEWAYS ?? "").split(",").filter(Boolean);

export const launch = () =>
  chromium.launch({ executablePath: process.env.HUBBUB_CHROMIUM ?? "/usr/bin/chromium", args: ARGS });

export const randomName = (prefix) => `${prefix}-${Math.random().toString(36).slice(2, 10)}`;

export class Person {
  troubles = [];
  // The name is no part of it: that would be refused.
  password = `correct horse ${Math.random().toString(36).slice(2)}`;

  static async arrive(browser, url, options = {}) {
    const person = new Person();
    person.name = randomName(options.prefix ?? "ada");
    person.context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options.context });
    person.page = await person.context.newPage();
    person.page.setDefaultTimeout(15_000);
    person.page.on("pageerror", (error) => person.troubles.push(`page error: ${error.message}`));
    person.page.on("console", (message) => {
      // A policy violation is told as an error too.
      if (["error", "warning"].includes(message.type())) person.troubles.push(`${message.type()}: ${message.text()}`);
    });
    await person.page.goto(url);
    return person;
  }

  async signUp() {
    await this.page.getByLabel("Name").fill(this.name);
    await this.page.getByLabel("Password").fill(this.password);
    await this.page.getByRole("button", { name: "Sign up" }).click();
    // Whichever comes first: a refusal fails here with its words, not later with a timeout.
    const refusal = this.page.locator(".why, .problem").filter({ hasText: /./ }).first();
    await this.online().or(refusal).first().waitFor({ state: "attached" });
    if (await refusal.count()) assert.fail(`sign-up was refused: ${await refusal.textContent()}`);
  }

  online() {
    return this.page.locator(".state[data-state=online]");
  }

  async createRoom(name, topic = "", { isPrivate = false } = {}) {
    await this.page.getByRole("button", { name: "New room" }).click();
    await this.page.locator("#room-name").fill(name);
    await this.page.locator("#room-topic").fill(topic);
    if (isPrivate) await this.page.getByRole("checkbox").check();
    await this.page.getByRole("button", { name: "Create", exact: true }).click();
    await this.page.getByRole("heading", { name: isPrivate ? name : `#${name}` }).waitFor();
  }

  async joinRoom(name) {
    await this.page.getByLabel("Find a room").fill(name);
    await this.page.locator(".room", { hasText: name }).click();
    await this.page.getByRole("button", { name: "Join this room" }).click();
    await this.page.getByLabel("Message", { exact: true }).waitFor();
  }

  async say(text) {
    await this.page.getByLabel("Message", { exact: true }).fill(text);
    await this.page.keyboard.press("Enter");
  }

  hears(text) {
    return this.page.locator(".message:not(.pending) .body").getByText(text, { exact: true }).waitFor();
  }

  // What is shown, top to bottom.
  heard() {
    return this.page.locator(".message:not(.pending) .body").allTextContents();
  }

  async widthIsRespected() {
    const { content, view } = await this.page.evaluate(() => ({
      content: document.documentElement.scrollWidth,
      view: document.documentElement.clientWidth,
    }));
    assert.ok(content <= view, `${content} px of content in ${view} px`);
  }

  isUntroubled() {
    assert.deepEqual(this.troubles, [], `${this.name} saw errors`);
  }
}
