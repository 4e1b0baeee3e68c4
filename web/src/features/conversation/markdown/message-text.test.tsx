import { render } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { MessageText } from "./message-text.tsx";

const show = (body: string) => render(<MessageText body={body} />).container;
const textOf = (body: string) => show(body).textContent;

describe("what a text may look like", () => {
  it.each([
    ["**bold** _it_ ~~gone~~ `code`", ["strong", "em", "del", "code"]],
    ["> quoted\n> more", ["blockquote"]],
    ["- one\n- two", ["ul > li + li"]],
    ["3. three\n4. four", ["ol[start='3'] > li + li"]],
    ["```js\nlet a = 1;\n```", ["pre > code"]],
    ["- [x] done\n- [ ] open", ["li > input:disabled[type=checkbox]"]],
  ])("%j", (body, selectors) => {
    const container = show(body);
    for (const selector of selectors) expect(container.querySelector(selector), selector).not.toBeNull();
  });

  it("keeps line breaks, and spaces of a line", () => {
    expect(show("one\ntwo").querySelector("br")).not.toBeNull();
    expect(textOf("    four spaces are no code")).toContain("four spaces are no code");
    expect(show("    four spaces").querySelector("pre")).toBeNull();
  });

  it.each(["# heading", "Title\n=====", "a | b\n--|--\n1 | 2", "---", "[ref]: https://example.org"])(
    "%j stays as it was written",
    (body) => {
      const container = show(body);
      expect(container.querySelector("h1, h2, table, hr")).toBeNull();
      const squeezed = (text: string | null) => (text ?? "").replace(/\s/g, "");
      expect(squeezed(container.textContent)).toBe(squeezed(body));
    },
  );

  it("shows a few emoji larger", () => {
    const classOf = (body: string) => show(body).querySelector("[data-body]")?.className;
    expect(classOf("🎉🎉")).not.toBe(classOf("🎉 hooray"));
    expect(classOf("👩🏽‍🚀 🇩🇪 1️⃣")).toBe(classOf("🎉"));
    expect(classOf("12")).toBe(classOf("words"));
  });

  it("tells addresses from mentions and rooms", () => {
    const container = show("@ada (@bob) mail a@example.org #tea, a#b c/#d #1.");
    const rooms = [...container.querySelectorAll("button")].map((each) => each.textContent);
    expect(rooms).toEqual(["#tea", "#1"]);
    const mentions = [...container.querySelectorAll("span")].map((each) => each.textContent);
    expect(mentions).toEqual(["@ada", "@bob"]);
    expect(container.querySelector("a")?.getAttribute("href")).toBe("mailto:a@example.org");
  });

  it("opens links elsewhere, without telling them where from", () => {
    const link = show("see https://example.org/a?b=c").querySelector("a");
    expect(link?.getAttribute("href")).toBe("https://example.org/a?b=c");
    expect(link?.getAttribute("target")).toBe("_blank");
    expect(link?.getAttribute("rel")).toBe("noopener noreferrer");
  });

  it("names the host where words pretend to be another", () => {
    expect(textOf("[https://bank.example](https://evil.example/x)")).toContain("(evil.example)");
    expect(textOf("[www.good.example](https://good.example/x)")).not.toContain("(");
    expect(textOf("[click](https://good.example/x)")).not.toContain("(");
  });

  it("links to images, and never loads them", () => {
    const container = show("![a cat](https://example.org/cat.png)");
    expect(container.querySelector("img")).toBeNull();
    expect(container.querySelector("a")?.textContent).toBe("a cat");
  });
});

/** Elements that a text can become; everything else would be a hole. */
const ALLOWED = new Set(
  "A BLOCKQUOTE BR BUTTON CODE DEL DIV EM INPUT LI OL P PATH PRE RECT SPAN STRONG SVG UL POLYLINE".split(" "),
);

const HOSTILE = [
  "<script>alert(1)</script>",
  "<img src=x onerror=alert(1)>",
  "<svg/onload=alert(1)>",
  "<a href='javascript:alert(1)'>x</a>",
  "<iframe src='javascript:alert(1)'></iframe>",
  "<style>*{display:none}</style>",
  "<!--><img src=x onerror=alert(1)>-->",
  "<details open ontoggle=alert(1)>",
  "<math><mi//xlink:href='data:x,<script>alert(1)</script>'>",
  "`<img src=x onerror=alert(1)>`",
  "```html\n<script>alert(1)</script>\n```",
  '```"><img src=x onerror=alert(1)>\ncode\n```',
  "> <script>alert(1)</script>",
  "- <img src=x onerror=alert(1)>",
  "**<img src=x onerror=alert(1)>**",
  "[x](javascript:alert(1))",
  "[x](JaVaScRiPt:alert(1))",
  "[x](java\tscript:alert(1))",
  "[x](java&#10;script:alert(1))",
  "[x](&#106;avascript:alert(1))",
  "[x](\u0001javascript:alert(1))",
  "[x]( javascript:alert(1))",
  "[x](<javascript:alert(1)>)",
  "[x](vbscript:msgbox(1))",
  "[x](data:text/html,<script>alert(1)</script>)",
  "[x](data:text/html;base64,PHNjcmlwdD4=)",
  "[x](file:///etc/passwd)",
  "[x](blob:https://example.org/1)",
  "[x](//evil.example)",
  "[x](/console)",
  "[x](#/settings)",
  "[x](intent://scan/#Intent;end)",
  "[x](https://ex\u202eample.org)",
  '[x](https://example.org "a\\" onmouseover=\\"alert(1)")',
  "![x](javascript:alert(1))",
  '![" onerror="alert(1)](https://example.org/x)',
  "<javascript:alert(1)>",
  "<data:text/html,x>",
  "javascript:alert(1)",
  "[x][1]\n\n[1]: javascript:alert(1)",
  "#<img src=x onerror=alert(1)>",
  "@<script>alert(1)</script>",
  "&lt;script&gt;alert(1)&lt;/script&gt;",
  "{{constructor.constructor('alert(1)')()}}",
  "__proto__ constructor [toString](hasOwnProperty)",
];

describe("what a text can never do", () => {
  it.each(HOSTILE)("%j", (body) => {
    const container = show(body);
    for (const element of container.querySelectorAll("*")) {
      expect(ALLOWED.has(element.tagName.toUpperCase()), element.outerHTML).toBe(true);
      for (const { name } of element.attributes) {
        expect(name).not.toMatch(/^(?:on|style$|src|srcdoc|action|formaction|xlink)/i);
      }
      const href = element.getAttribute("href");
      if (href !== null) expect(href).toMatch(/^(?:https?:\/\/|mailto:)/);
    }
  });
});
