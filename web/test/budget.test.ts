import { expect, test } from "vitest";
import { importedBy, namedBy } from "../scripts/budget.mjs";

test("counts what a page names", () => {
  const html = `<script type="module" crossorigin src="./assets/a.js"></script>
    <link rel="modulepreload" crossorigin href="./assets/b.js"><link rel="stylesheet" href="./assets/c.css">
    <link rel="icon" href="./icon.svg">`;
  expect(namedBy(html)).toEqual(["assets/a.js", "assets/b.js", "assets/c.css"]);
});

test("counts what a script imports, and not what it imports later", () => {
  const code = `import{a as b}from"./one.js";import"./two.js";export{x}from"./three.js";const y=()=>import("./four.js");`;
  expect(importedBy(code)).toEqual(["./one.js", "./two.js", "./three.js"]);
});
