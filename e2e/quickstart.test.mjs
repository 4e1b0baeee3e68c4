// The stock clients of docs/quickstart.md, as a newcomer would use them.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import test from "node:test";
import { gateways, randomName } from "./people.mjs";

const PATIENCE_MS = 20_000;
const here = (path) => fileURLToPath(new URL(path, import.meta.url));

const signUp = async (url) => {
  const response = await fetch(`${url}/signup`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ username: randomName("wscat"), password: "correct horse battery staple" }),
  });
  assert.equal(response.status, 201);
  return response.json();
};

// Runs a program until its output holds what is awaited; what it said is the failure's message.
const until = (program, args, awaited) =>
  new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ["pipe", "pipe", "pipe"] });
    let said = "";
    const end = (act) => {
      clearTimeout(timer);
      child.kill();
      act();
    };
    const hear = (chunk) => {
      said += chunk;
      if (awaited(said)) end(() => resolve(said));
    };
    const timer = setTimeout(() => end(() => reject(new Error(`waited in vain: ${said}`))), PATIENCE_MS);
    child.stdout.on("data", hear);
    child.stderr.on("data", hear);
    child.on("error", (error) => end(() => reject(error)));
    child.on("exit", () => end(() => (awaited(said) ? resolve(said) : reject(new Error(`ended early: ${said}`)))));
  });

test("wscat says hello and is welcomed", async () => {
  const { token } = await signUp(gateways[0]);
  const hello = JSON.stringify({ type: "hello", data: { token } });
  const url = `${gateways[0].replace("http", "ws")}/v1/rt`;
  const args = [here("node_modules/wscat/bin/wscat"), "-c", url, "-s", "hubbub.v1.json", "-w", "10", "-x", hello];
  await until(process.execPath, args, (said) => said.includes('"type":"welcome"'));
});

test("the Python client talks across gateways and resumes on the other one", async () => {
  const python = process.env.HUBBUB_PYTHON ?? "python3";
  const said = await until(python, [here("../docs/quickstart.py"), ...gateways], (text) => text.includes("missed nothing"));
  assert.match(said, /resumed: True/);
});
