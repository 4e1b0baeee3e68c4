import { describe, expect, it } from "vitest";
import { readChoices } from "./notice-choices.ts";
import { isHeard, noticeOf, type Circumstances } from "./notice.ts";

const happening = { tag: "1", title: "Ada mentioned you", text: "look at this", place: "/rooms/r" };
const away: Circumstances = {
  choices: { shown: true, withText: true, sound: false },
  isHidden: true,
  isPermitted: true,
  isUndisturbed: false,
};

describe("notices", () => {
  it("are shown when nobody looks", () => {
    expect(noticeOf(happening, away)).toMatchObject({ title: "Ada mentioned you", body: "look at this" });
  });

  it("are not shown otherwise", () => {
    expect(noticeOf(happening, { ...away, isHidden: false })).toBeUndefined();
    expect(noticeOf(happening, { ...away, isPermitted: false })).toBeUndefined();
    expect(noticeOf(happening, { ...away, isUndisturbed: true })).toBeUndefined();
    expect(noticeOf(happening, { ...away, choices: { ...away.choices, shown: false } })).toBeUndefined();
  });

  it("keep the text to themselves when asked to, and are short", () => {
    expect(noticeOf(happening, { ...away, choices: { ...away.choices, withText: false } })?.body).toBe("");
    expect(noticeOf({ ...happening, text: "x".repeat(500) }, away)?.body).toHaveLength(160);
  });
});

describe("the sound", () => {
  it("is off unless it was chosen", () => {
    expect(isHeard(away)).toBe(false);
    const loud = { ...away, choices: { ...away.choices, sound: true } };
    expect(isHeard(loud)).toBe(true);
    expect(isHeard({ ...loud, isUndisturbed: true })).toBe(false);
  });
});

it("reads what was kept, and bears what was broken", () => {
  const first = { shown: false, withText: true, sound: false };
  expect(readChoices(null)).toEqual(first);
  expect(readChoices("{")).toEqual(first);
  expect(readChoices('{"sound":true,"shown":"yes"}')).toEqual({ ...first, sound: true });
});
