// The built files on another host: any static server, another origin, a token in the place of the cookie.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { cp, mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { Bot } from "./bots.mjs";
import { Person, gateways, randomName, scene, useBrowser } from "./people.mjs";

const place = useBrowser();
const WEB = fileURLToPath(new URL("../web/", import.meta.url));
const TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".webmanifest": "application/manifest+json",
};

/** A copy of the built client that talks to a gateway elsewhere. */
async function configured(api) {
    const folder = await mkdtemp(join(tmpdir(), "hubbub-elsewhere-"));
    await cp(process.env.HUBBUB_SITE ?? join(WEB, "dist"), folder, { recursive: true });
    await promisify(execFile)(process.execPath, [join(WEB, "scripts/configure.mjs"), "--api", api, folder]);
    return folder;
}

/** The simplest server there is: files, and nothing else. */
async function serve(folder) {
    const server = createServer(async (request, response) => {
        const path = normalize(decodeURIComponent(new URL(request.url, "http://any").pathname));
        const file = join(folder, path.endsWith("/") ? `${path}index.html` : path);
        try {
            const content = await readFile(file);
            response
                .writeHead(200, { "content-type": TYPES[extname(file)] ?? "application/octet-stream" })
                .end(content);
        } catch {
            response.writeHead(404).end();
        }
    });
    await new Promise((done) => server.listen(Number(process.env.HUBBUB_HOST_PORT ?? 0), "localhost", done));
    return server;
}

scene(
    "the built files on another host talk to this one",
    { skip: !process.env.HUBBUB_HOST_PORT && "HUBBUB_HOST_PORT names a port whose origin is let in" },
    async () => {
        const folder = await configured(gateways[0]);
        const server = await serve(folder);
        try {
            const elsewhere = `http://localhost:${server.address().port}`;
            assert.notEqual(new URL(gateways[0]).origin, elsewhere);
            const ada = await Person.arrive(place.browser, elsewhere, { prefix: "ada" });
            const policy = await ada.page.locator('meta[http-equiv="Content-Security-Policy"]').getAttribute("content");
            assert.ok(policy.includes(gateways[0]) && !policy.includes("unsafe"), policy);
            await ada.signUp();
            assert.deepEqual(await ada.context.cookies(), [], "no cookie goes to another origin");

            const room = randomName("abroad");
            await ada.createRoom(room);
            const bob = await Bot.arrive(gateways[1], { prefix: "bob" });
            await bob.join(`#${room}`);
            await ada.say("greetings from elsewhere");
            const { room: id } = await bob.sees(
                ({ type, data }) => type === "message.new" && data.body === "greetings from elsewhere",
            );
            await bob.say(id, "it is heard here");
            await ada.hears("it is heard here");

            await ada.page.reload();
            await ada.online().waitFor();
            await ada.hears("it is heard here");
            await ada.go("/settings/sessions");
            await ada.page
                .getByText(/this (device|session|browser)/iu)
                .first()
                .waitFor();
            await ada.logOut();
            await ada.logIn();
            await ada.openRoom(room);
            await ada.hears("it is heard here");
        } finally {
            server.closeAllConnections();
            server.close();
            await rm(folder, { recursive: true });
        }
    },
);
