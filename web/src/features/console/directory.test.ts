import { expect, it } from "vitest";
import { Directory } from "./directory.ts";

it("asks for a name once, one after the other, and tells when it is there", async () => {
  const asked: string[] = [];
  const directory = new Directory(async (id) => {
    asked.push(id);
    if (id === "gone") throw new Error("refused");
    return `name of ${id}`;
  });
  let told = 0;
  directory.subscribe(() => told++);
  for (const id of ["a", "gone", "a", "known", "b"]) directory.want(id);
  directory.remember([{ id: "known", name: "ada" }]);
  await expect.poll(() => directory.get("b")).toBe("name of b");
  expect(asked).toEqual(["a", "gone", "b"]);
  expect([directory.get("known"), directory.get("gone")]).toEqual(["ada", undefined]);
  expect(told).toBe(3);
});

it("is silent about what it knows already", () => {
  const directory = new Directory(async () => undefined);
  directory.remember([{ id: "a", name: "ada" }]);
  let told = 0;
  directory.subscribe(() => told++);
  directory.remember([{ id: "a", name: "ada" }, { id: "b" }]);
  expect(told).toBe(0);
});
