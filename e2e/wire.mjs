// A hand on the wire between a page and its gateway: what the server says can be held back, replaced or changed.

export class Wire {
    #holds = () => false;
    #held = [];
    #refusals = new Map();
    #rewrite = (frame) => frame;

    /** Must be in place before the page is loaded: give `wire.attach` as `before` to `Person.arrive`. */
    attach = async (page) => {
        await page.routeWebSocket(/\/v1\/rt$/u, (client) => {
            const server = client.connectToServer();
            client.onMessage((text) => this.#fromPage(JSON.parse(text), text, client, server));
            server.onMessage((text) => this.#toPage(this.#rewrite(JSON.parse(text)), client));
        });
    };

    #fromPage(frame, text, client, server) {
        const refusal = this.#refusals.get(frame.type);
        if (!refusal) return server.send(text);
        const error = { retry: false, retryAfterMs: 0, fields: {}, trace: "0", ...refusal };
        this.#toPage({ type: "error", id: frame.id, error }, client);
    }

    #toPage(frame, client) {
        const deliver = () => client.send(JSON.stringify(frame));
        if (this.#holds(frame)) this.#held.push(deliver);
        else deliver();
    }

    /** Holds back what the server says and the condition holds for, until `release`. */
    hold(condition) {
        this.#holds = condition;
    }

    /** Lets everything through again, in its order. */
    release() {
        this.#holds = () => false;
        for (const deliver of this.#held.splice(0)) deliver();
    }

    /** Answers a command in the server's place. */
    refuse(type, code, reason, message) {
        this.#refusals.set(type, { code, reason, message });
    }

    /** Changes what the server says before the page hears it: the page gets what is given back. */
    rewrite(change) {
        this.#rewrite = change;
    }
}
