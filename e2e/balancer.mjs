// A load balancer for TCP that can lose its network: cut it, or let it swallow everything as a dead link does.

import { connect, createServer } from "node:net";

const BUSY_MS = 100;

/** One client's connection and the one to a gateway. */
class Link {
    constructor(client) {
        this.client = client;
        this.isSocket = false;
        // It has spoken and waits for the balancer to be mended.
        this.isHeld = false;
        client.once("data", (head) => {
            this.isSocket = head.toString("latin1").startsWith("GET /v1/rt ");
            this.client.pause();
            this.client.unshift(head);
            this.onHead?.();
        });
        client.on("error", () => client.destroy());
    }

    join(upstream, index) {
        this.upstream = upstream;
        this.gateway = index;
        upstream.on("error", () => this.client.destroy());
        upstream.on("close", () => this.client.destroy());
        this.client.on("close", () => upstream.destroy());
        this.flow();
    }

    flow() {
        this.client.pipe(this.upstream);
        this.upstream.pipe(this.client);
    }

    /** Nothing comes through any more, in neither direction, and nobody is told. */
    freeze() {
        if (!this.upstream) return;
        this.client.unpipe(this.upstream).pause();
        this.upstream.unpipe(this.client).pause();
    }

    destroy() {
        this.client.destroy();
        this.upstream?.destroy();
    }
}

export class Balancer {
    #targets;
    #links = new Set();
    #next = 0;
    #state = "fine";
    #server;

    /** Stands before the gateways. Without a port the system chooses one; a port that is taken is waited for. */
    static async before(gateways, port = Number(process.env.HUBBUB_BALANCER_PORT ?? 0)) {
        const balancer = new Balancer();
        balancer.#targets = gateways.map((gateway) => new URL(gateway));
        balancer.#server = createServer((client) => balancer.#accept(client));
        await listen(balancer.#server, port);
        balancer.url = `http://localhost:${balancer.#server.address().port}`;
        return balancer;
    }

    #accept(client) {
        if (this.#state === "cut") return client.destroy();
        const link = new Link(client);
        this.#links.add(link);
        client.on("close", () => this.#links.delete(link));
        link.onHead = () => {
            if (this.#state === "fine") this.#dial(link);
            else link.isHeld = true;
        };
    }

    /** The next gateway in turn; one that does not answer is passed over. */
    #dial(link, tries = this.#targets.length) {
        if (tries === 0) return link.destroy();
        const index = this.#next++ % this.#targets.length;
        const { hostname, port } = this.#targets[index];
        const upstream = connect({ host: hostname, port: Number(port) });
        const retry = () => this.#dial(link, tries - 1);
        upstream.once("error", retry);
        upstream.once("connect", () => {
            upstream.off("error", retry);
            if (link.client.destroyed) return upstream.destroy();
            link.join(upstream, index);
            if (this.#state === "swallowing") link.freeze();
        });
    }

    /** Tears every connection, and takes no new one. */
    cut() {
        this.#state = "cut";
        for (const link of this.#links) link.destroy();
    }

    /** Takes bytes and connections, and lets nothing through. */
    swallow() {
        this.#state = "swallowing";
        for (const link of this.#links) link.freeze();
    }

    /** All is well again. What was swallowed arrives late, as the repeats of a network do. */
    mend() {
        this.#state = "fine";
        for (const link of this.#links) {
            if (link.upstream) link.flow();
            else if (link.isHeld) {
                link.isHeld = false;
                this.#dial(link);
            }
        }
    }

    /** The gateways, by number, that hold a WebSocket through this balancer. */
    holders = () => [...this.#links].filter((link) => link.isSocket && link.upstream).map((link) => link.gateway);

    async close() {
        this.#state = "cut";
        for (const link of this.#links) link.destroy();
        await new Promise((done) => this.#server.close(done));
    }
}

/** Tests in other files use the same port: whoever comes second waits. */
async function listen(server, port) {
    for (;;) {
        const problem = await new Promise((done) => {
            server.once("error", done);
            server.listen(port, "localhost", () => {
                server.off("error", done);
                done();
            });
        });
        if (!problem) return;
        if (problem.code !== "EADDRINUSE") throw problem;
        await new Promise((done) => setTimeout(done, BUSY_MS));
    }
}
