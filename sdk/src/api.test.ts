import { expect, test } from "vitest";

import { make, refusal } from "../test/start.ts";
import type { Reply } from "../test/world.ts";
import { World } from "../test/world.ts";
import type { HubbubClient } from "./client.ts";

function answering(reply: Reply | Promise<Reply>): { world: World; api: HubbubClient["api"] } {
  const world = new World();
  world.reply = () => reply;
  return { world, api: make(world).api };
}

const last = ({ calls }: World) => {
  const { method, path, init } = calls.at(-1)!;
  return [method, path, ...(init.body ? [JSON.parse(init.body as string) as unknown] : [])];
};

test("every route", async () => {
  const { world, api } = answering({ body: { sessions: [{ id: "s" }] } });
  const person = { username: "ada", password: "secret" };
  await api.signUp({ ...person, credential: "token" });
  expect(last(world)).toEqual(["POST", "/signup", { ...person, credential: "token" }]);
  await api.logIn(person);
  expect(last(world)).toEqual(["POST", "/login", person]);
  await api.account();
  expect(last(world)).toEqual(["GET", "/account"]);
  expect(await api.sessions()).toEqual([{ id: "s" }]);
  expect(last(world)).toEqual(["GET", "/v1/sessions"]);
  await api.revokeSession("a/b");
  expect(last(world)).toEqual(["DELETE", "/v1/sessions/a%2Fb"]);
  await api.changePassword({ current: "old", next: "new" });
  expect(last(world)).toEqual(["POST", "/v1/account/password", { oldPassword: "old", newPassword: "new" }]);
  expect(await (await api.export()).text()).toContain("sessions");
  expect(last(world)).toEqual(["GET", "/v1/account/export"]);
  await api.post("/v1/rooms", { name: "tea" }, { key: "k" });
  expect(last(world)).toEqual(["POST", "/v1/rooms", { name: "tea" }]);
  expect(world.calls.at(-1)!.init).toMatchObject({
    credentials: "include",
    headers: { "content-type": "application/json", "idempotency-key": "k" },
  });
});

test("an empty answer", async () => {
  const { world, api } = answering({ status: 204 });
  expect(await api.logOut()).toBeUndefined();
  expect(last(world)).toEqual(["POST", "/logout", {}]);
});

test("a problem is a refusal with everything that it told", async () => {
  const body = {
    code: "INVALID_ARGUMENT",
    reason: "FIELD_INVALID",
    detail: "password: too short",
    fields: { password: "too short" },
    trace: "4bf9",
    retryAfterMs: 0,
  };
  const { api } = answering({ status: 422, body });
  expect(await refusal(api.signUp({ username: "a", password: "b" }))).toMatchObject({
    kind: "refused",
    code: "INVALID_ARGUMENT",
    reason: "FIELD_INVALID",
    message: "password: too short",
    fields: { password: "too short" },
    trace: "4bf9",
    retry: false,
  });
});

test.each([
  [429, { code: "RESOURCE_EXHAUSTED", reason: "RATE_LIMITED" }, { kind: "refused", retry: true, retryAfterMs: 3_000 }],
  [503, { code: "UNAVAILABLE", reason: "UPSTREAM_UNAVAILABLE" }, { kind: "refused", retry: true, retryAfterMs: 3_000 }],
  [504, { code: "DEADLINE_EXCEEDED", reason: "UPSTREAM_UNAVAILABLE" }, { kind: "unknown", retry: true }],
  [500, { code: "INTERNAL", reason: "INTERNAL" }, { kind: "unknown", retry: true }],
  [502, "<html>bad gateway</html>", { kind: "unknown", message: "HTTP 502" }],
  [404, "<html>nothing here</html>", { kind: "refused", message: "HTTP 404" }],
])("HTTP %i", async (status, body, expected) => {
  const { api } = answering({ status, body, headers: { "retry-after": "3" } });
  expect(await refusal(api.account())).toMatchObject(expected);
});

test("no network, no answer, no wish any more", async () => {
  expect(await refusal(answering(new TypeError("failed to fetch")).api.account())).toMatchObject({
    kind: "unknown",
    reason: "NETWORK",
  });
  const { world, api } = answering(new Promise<Reply>(() => {}));
  const slow = refusal(api.account());
  await world.advance(15_000);
  expect(await slow).toMatchObject({ kind: "unknown", reason: "NETWORK" });
  const stop = new AbortController();
  const stopped = refusal(api.get("/account", { signal: stop.signal }));
  stop.abort();
  expect(await stopped).toMatchObject({ kind: "aborted" });
  expect(await refusal(api.get("/account", { signal: stop.signal }))).toMatchObject({ kind: "aborted" });
});
