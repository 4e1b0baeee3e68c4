import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { expect, onTestFinished, test } from "vitest";
import { compress, packed } from "../scripts/compress.mjs";

async function folder() {
  const path = await mkdtemp(join(tmpdir(), "hubbub-compress-"));
  onTestFinished(() => rm(path, { recursive: true }));
  return path;
}

test("what compresses well lies packed beside itself, and says the same", async () => {
  const dist = await folder();
  const text = "all work and no play ".repeat(200);
  await writeFile(join(dist, "app.js"), text);
  await writeFile(join(dist, "icon.png"), text);
  await compress(dist);
  expect((await readdir(dist)).sort()).toEqual(["app.js", "app.js.br", "app.js.gz", "icon.png"]);
  expect(brotliDecompressSync(await readFile(join(dist, "app.js.br"))).toString()).toBe(text);
  expect(gunzipSync(await readFile(join(dist, "app.js.gz"))).toString()).toBe(text);
});

test("a file that changed is packed anew, and none is left of one that is gone", async () => {
  const dist = await folder();
  await writeFile(join(dist, "index.html"), "<p>before</p>".repeat(50));
  await writeFile(join(dist, "old.css"), "a{}".repeat(500));
  await compress(dist);
  await writeFile(join(dist, "index.html"), "<p>after</p>".repeat(50));
  await rm(join(dist, "old.css"));
  await compress(dist);
  expect(gunzipSync(await readFile(join(dist, "index.html.gz"))).toString()).toContain("after");
  expect(await readdir(dist)).not.toContain("old.css.gz");
});

test("what grows when it is packed is left as it is", () => expect(packed(Buffer.from("a"))).toEqual([]));
