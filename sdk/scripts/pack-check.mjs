// Packs what would be published, and has it judged by publint and attw.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "hubbub-client-"));

function run(command, ...args) {
    const { status, stdout } = spawnSync(command, args, {
        cwd: root,
        encoding: "utf8",
        stdio: ["ignore", "pipe", "inherit"],
    });
    return { isFine: status === 0, stdout };
}

try {
    const packed = run("npm", "pack", "--json", "--pack-destination", folder);
    const [{ filename, files }] = JSON.parse(packed.stdout);
    const tarball = join(folder, filename);
    const stray = files.map(({ path }) => path).filter((path) => /\.test\.|fake-/.test(path));
    if (stray.length) console.log(`tests in the package: ${stray.join(", ")}`);
    const results = [run("npx", "publint", "--strict", tarball), run("npx", "attw", tarball, "--profile", "esm-only")];
    for (const { stdout } of results) console.log(stdout);
    process.exitCode = packed.isFine && !stray.length && results.every(({ isFine }) => isFine) ? 0 : 1;
} finally {
    rmSync(folder, { recursive: true });
}
