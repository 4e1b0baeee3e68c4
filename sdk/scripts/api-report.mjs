// Writes what the package promises: the declarations of everything its entries lead to. With --check it compares.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

import { format } from "prettier";

const root = fileURLToPath(new URL("..", import.meta.url));
const isCheck = process.argv.includes("--check");
const ENTRIES = { core: "index", store: "store/index", react: "react/index" };

/** Follows imports and exports, so that a type that only stands behind another one is in the report, too. */
function declarations(file, seen) {
    if (seen.has(file)) return;
    const text = readFileSync(file, "utf8").replace(/^\/\/# sourceMappingURL.*$/m, "");
    seen.set(file, text);
    for (const [, target] of text.matchAll(/from "(\.[^"]+)"/g)) {
        declarations(join(dirname(file), target.replace(/\.(js|tsx?)$/, ".d.ts")), seen);
    }
}

/** In one file the parts need no imports; what an entry exports again is said in a comment. */
function joinable(text) {
    const withoutImports = text.replace(/^import\b[^;]*;\n/gm, "").replace(/^ *#private;\n/gm, "");
    return withoutImports.replace(/^export\b[^;]* from "[^"]+";$/gm, (again) => again.replace(/^/gm, "// "));
}

const dist = join(root, "dist");
const told = new Map();
for (const [name, path] of Object.entries(ENTRIES)) {
    const seen = new Map(told);
    declarations(join(dist, `${path}.d.ts`), seen);
    const own = [...seen].filter(([file]) => !told.has(file)).sort(([one], [other]) => (one < other ? -1 : 1));
    for (const [file, text] of own) told.set(file, text);
    const parts = own.map(([file, text]) => `// ${relative(dist, file)}\n${joinable(text).trim()}\n`);
    const text = `// The public API of ${name}. Written by scripts/api-report.mjs.\n\n${parts.join("\n")}`;
    const report = await format(text, { parser: "typescript", printWidth: 120 });
    const target = join(root, "etc", `${name}.api.d.ts`);
    const before = existsSync(target) ? readFileSync(target, "utf8") : "";
    if (report === before) continue;
    if (isCheck) {
        console.log(`etc/${name}.api.d.ts is stale: npm run api --workspace sdk`);
        process.exitCode = 1;
    } else {
        mkdirSync(dirname(target), { recursive: true });
        writeFileSync(target, report);
        console.log(`wrote etc/${name}.api.d.ts`);
    }
}
