// What may be asked of the bots. They are a load, so everything has an upper bound.

import { parseArgs } from "node:util";

export const USAGE = `Usage: node web/bots/run.mjs [options]

  --target URL          where the web client is served (http://localhost:3001)
  --browsers N          how many pages, 1 to 20 (4)
  --seconds N           how long they talk, 1 to 300 (30)
  --room NAME           the room they talk in; made when there is none (bots)
  --rate N              messages per page and second, up to 5 (1)
  --i-own-this HOST     lets the target be this host; without it only this machine may be one
  --headed              shows the browser
`;

const BOUNDS = { browsers: [1, 20], seconds: [1, 300], rate: [0.1, 5] };
const LOOPBACK = /^(localhost|[a-z0-9-]+\.localhost|127(\.\d{1,3}){3}|\[::1\])$/i;
const ROOM = /^[\p{L}\p{N}][\p{L}\p{N}_.-]{0,63}$/u;

/** A wrong line of options; its message is meant for the person who wrote it. */
export class UsageError extends Error {}

function readNumber(name, text) {
    const [least, most] = BOUNDS[name];
    const number = Number(text);
    if (text.trim() === "" || !(number >= least && number <= most)) {
        throw new UsageError(`--${name} must be a number from ${least} to ${most}`);
    }
    if (name !== "rate" && !Number.isInteger(number)) throw new UsageError(`--${name} must be a whole number`);
    return number;
}

function readTarget(text, owned) {
    if (!URL.canParse(text)) throw new UsageError(`--target is no address: ${text}`);
    const target = new URL(text);
    if (!["http:", "https:"].includes(target.protocol))
        throw new UsageError("--target must begin with http:// or https://");
    if (!LOOPBACK.test(target.hostname) && target.hostname !== owned) {
        throw new UsageError(
            `${target.hostname} is not this machine. If it is yours to put under load, add --i-own-this ${target.hostname}`,
        );
    }
    return target.href.replace(/[#?].*$/, "").replace(/\/$/, "");
}

function parse(argv) {
    const text = (value) => ({ type: "string", ...(value === undefined ? {} : { default: value }) });
    try {
        const { values } = parseArgs({
            args: argv,
            options: {
                target: text("http://localhost:3001"),
                browsers: text("4"),
                seconds: text("30"),
                room: text("bots"),
                rate: text("1"),
                "i-own-this": text(),
                headed: { type: "boolean", default: false },
                help: { type: "boolean", default: false },
            },
        });
        return values;
    } catch (error) {
        throw new UsageError(error.message);
    }
}

export function readOptions(argv) {
    const values = parse(argv);
    const room = values.room.replace(/^#/, "");
    if (!ROOM.test(room)) throw new UsageError(`--room is no name of a room: ${values.room}`);
    return {
        isHelp: values.help,
        target: readTarget(values.target, values["i-own-this"]),
        browsers: readNumber("browsers", values.browsers),
        seconds: readNumber("seconds", values.seconds),
        rate: readNumber("rate", values.rate),
        room,
        isHeaded: values.headed,
    };
}
