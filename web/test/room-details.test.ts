import { describe, expect, test } from "vitest";
import type { User } from "@hubbub/client";
import { INVITES, MUTES, SLOW_MODES, msOf, withPresent } from "../src/features/rooms/details/durations.ts";
import { invitationLink, usesLeft } from "../src/features/rooms/details/invitation.ts";
import { mayAct, powersOf } from "../src/features/rooms/details/powers.ts";

const me: User = { id: "me", name: "me", role: "USER" };

describe("who may do what", () => {
  test("owners do everything, moderators what belongs to the day, members nothing", () => {
    expect(powersOf("channel", "owner")).toEqual({ moderates: true, owns: true });
    expect(powersOf("private", "moderator")).toEqual({ moderates: true, owns: false });
    expect(powersOf("channel", "member")).toEqual({ moderates: false, owns: false });
    expect(powersOf("channel", undefined)).toEqual({ moderates: false, owns: false });
    expect(powersOf("direct", "owner")).toEqual({ moderates: false, owns: false });
  });

  test("nobody acts on their equals or themselves; administrators on everyone else", () => {
    expect(mayAct(me, "owner", { id: "x", role: "moderator" })).toBe(true);
    expect(mayAct(me, "moderator", { id: "x", role: "moderator" })).toBe(false);
    expect(mayAct(me, "member", { id: "x", role: "member" })).toBe(false);
    expect(mayAct(me, "owner", { id: "me", role: "owner" })).toBe(false);
    expect(mayAct({ ...me, role: "ADMIN" }, undefined, { id: "x", role: "owner" })).toBe(true);
  });
});

test("an invitation opens this page, wherever it is served from", () => {
  const link = invitationLink("a/b", "https://chat.example.org/app/?q=1#/rooms/r1");
  expect(link).toBe("https://chat.example.org/app/#/invite/a%2Fb");
});

test("uses are told with and without a bound", () => {
  expect(usesLeft({ uses: 2, maxUses: 5 })).toBe("2 of 5 used");
  expect(usesLeft({ uses: 1, maxUses: 0 })).toBe("used once");
});

test("times stay within what the server takes", () => {
  expect(Math.max(...MUTES.map(({ ms }) => ms))).toBeLessThan(28 * 86_400_000);
  expect(msOf(INVITES, "30d") / 1000).toBe(2_592_000);
});

test("a slow mode set elsewhere is shown as it is", () => {
  const choices = withPresent(SLOW_MODES, 7_000);
  expect(choices.find(({ ms }) => ms === 7_000)?.label).toBe("Every 7 seconds");
  expect(withPresent(SLOW_MODES, 5_000)).toBe(SLOW_MODES);
});
