// Packs what compresses well, so that whoever serves the folder need not: `x.js.br` and `x.js.gz` beside `x.js`, where
// they are smaller. The gateway and nginx's `*_static` send them as they are. `node scripts/compress.mjs [dist]`

import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const WORTH_IT = /\.(css|html|js|json|svg|webmanifest)$/u;
const PACKED = /\.(br|gz)$/u;

const ENCODINGS = {
    br: (bytes) => brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } }),
    gz: (bytes) => gzipSync(bytes, { level: 9 }),
};

/** Which encodings of a file are worth sending, by the ending of their files. */
export function packed(bytes) {
    const all = Object.entries(ENCODINGS).map(([ending, pack]) => [ending, pack(bytes)]);
    return all.filter(([, small]) => small.length < bytes.length);
}

/** Packs what is in a folder; what was packed before is made anew, as the files may have changed. */
export async function compress(folder) {
    const names = await readdir(folder, { recursive: true });
    for (const name of names.filter((name) => PACKED.test(name))) await rm(join(folder, name));
    for (const name of names.filter((name) => WORTH_IT.test(name))) {
        const path = join(folder, name);
        for (const [ending, small] of packed(await readFile(path))) await writeFile(`${path}.${ending}`, small);
    }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
    await compress(process.argv[2] ?? join(import.meta.dirname, "../dist"));
}
