/** Every snippet of the README compiles as it stands there. */

import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { expect, test } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));
const folder = join(root, ".readme");

test("every snippet of the README", { timeout: 60_000 }, () => {
  const snippets = [...readFileSync(join(root, "README.md"), "utf8").matchAll(/^```(tsx?)\n(.*?)^```$/gms)];
  expect(snippets.length).toBeGreaterThan(5);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  const files = snippets.map(([, kind, text], at) => {
    writeFileSync(join(folder, `snippet-${at}.${kind}`), text!);
    return `snippet-${at}.${kind}`;
  });
  const config = {
    extends: "../tsconfig.json",
    // The package is found by its own name, in its sources.
    compilerOptions: { customConditions: ["hubbub-source"], noUnusedLocals: false },
    files,
    include: [],
  };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(config));
  try {
    execFileSync("npx", ["tsc", "-p", folder], { cwd: root, encoding: "utf8", stdio: "pipe" });
  } catch (error) {
    expect.unreachable((error as { stdout: string }).stdout);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
