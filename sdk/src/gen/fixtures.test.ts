// Written by hand: the example frames that the server's tests prove are the ones the generated types know.

import { readdirSync, readFileSync } from "node:fs";

import { describe, expect, it } from "vitest";

import { KEYED } from "./protocol.ts";

interface Frame {
  type: string;
  key?: string;
  data?: Record<string, unknown>;
}

const folder = new URL("../../../proto/fixtures/", import.meta.url);
const types = readFileSync(new URL("./protocol.ts", import.meta.url), "utf8");
const proof = readFileSync(new URL("./fixtures.typecheck.ts", import.meta.url), "utf8");

function frames(file: string): Frame[] {
  return JSON.parse(readFileSync(new URL(file, folder), "utf8")) as Frame[];
}

/** The names of the fields of an interface, as it is written. */
function rows(name: string): Set<string> {
  const [, body = ""] = new RegExp(`export interface ${name} \\{\\n(.*?)\\n\\}`, "s").exec(types) ?? [];
  return new Set([...body.matchAll(/^ {2}"?([\w./]+)"?: /gm)].map(([, row]) => row ?? ""));
}

const files = readdirSync(folder).filter((file) => file.endsWith(".json") && file !== "error.json");

describe("the example frames", () => {
  it.each(files)("%s is of a type that clients know", (file) => {
    const [, part, rest] = /^(command|answer|event)\.(.+)\.json$/.exec(file) ?? [];
    const table = { command: "Commands", answer: "Answers", event: "Events" }[part ?? ""] ?? "";
    expect(frames(file).length).toBeGreaterThan(0);
    for (const frame of frames(file)) {
      const type = part === "answer" ? (rest ?? "") : frame.type;
      expect(rows(table).has(type) || type.startsWith("operator."), `${table}["${type}"]`).toBe(true);
      const data = `${JSON.stringify(type)}]);`;
      expect(proof.includes(`satisfies ${table}[${data}`), `${type} is proved by the compiler`).toBe(true);
    }
  });

  it("has a key exactly where one is needed", () => {
    const commands = files.filter((file) => file.startsWith("command."));
    const keyed = commands.flatMap(frames).filter((frame) => frame.key !== undefined);
    expect(new Set(keyed.map((frame) => frame.type))).toEqual(new Set<string>(KEYED));
  });
});
