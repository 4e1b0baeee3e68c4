import { expect, it } from "vitest";
import { nameHas, nameProblem, relationTo } from "./relation.ts";

const person = (id: string) => ({ id, name: id });
const request = (id: string) => ({ user: person(id), note: "", at: 1 });
const known = {
  me: "me",
  friends: {
    friends: [person("fay"), person("bob")],
    incoming: [request("ina")],
    outgoing: [request("otto")],
    loaded: true,
  },
  blocks: [{ user: person("bob"), mutual: false, at: 1 }],
};

it("knows what people are to each other", () => {
  expect(relationTo("me", known)).toBe("self");
  expect(relationTo("fay", known)).toBe("friend");
  expect(relationTo("ina", known)).toBe("incoming");
  expect(relationTo("otto", known)).toBe("outgoing");
  expect(relationTo("zoe", known)).toBe("none");
});

it("takes a block for the newer word", () => {
  expect(relationTo("bob", known)).toBe("blocked");
});

it("finds names in whatever case", () => {
  expect(nameHas("Ada.Lovelace", "LOVE")).toBe(true);
  expect(nameHas("Ada.Lovelace", "@ada ")).toBe(true);
  expect(nameHas("Ada", "bob")).toBe(false);
});

it("says which names cannot be", () => {
  expect(nameProblem("ada_1")).toBeUndefined();
  expect(nameProblem("a")).toBeDefined();
  expect(nameProblem("1ada")).toBeDefined();
  expect(nameProblem("ada lovelace")).toBeDefined();
});
