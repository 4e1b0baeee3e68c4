import { describe, expect, test } from "vitest";
import { configured, headersFor, originOf, policyFor, withRevision } from "../scripts/configure.mjs";

const PAGE = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="hubbub-origin" content="" />
  </head>
</html>`;

describe("the address of the server", () => {
  test("is taken as an origin", () => {
    expect(originOf("https://chat.example.org/")).toBe("https://chat.example.org");
    expect(originOf("http://localhost:3001")).toBe("http://localhost:3001");
  });

  test.each(["http://chat.example.org", "https://chat.example.org/api", "ftp://chat.example.org"])(
    "is refused: %s",
    (address) => expect(() => originOf(address)).toThrow(address),
  );
});

describe("the page", () => {
  const origin = "https://chat.example.org";

  test("names its server, and may talk to it alone", () => {
    const html = configured(PAGE, origin);
    expect(html).toContain(`<meta name="hubbub-origin" content="${origin}" />`);
    expect(html).toContain(`content="${policyFor(origin)}"`);
    expect(policyFor(origin)).toContain("connect-src 'self' https://chat.example.org wss://chat.example.org;");
    expect(html.indexOf("Content-Security-Policy")).toBeLessThan(html.indexOf("hubbub-origin"));
  });

  test("can be prepared again, for another server", () => {
    const again = configured(configured(PAGE, origin), "https://other.example.org");
    expect(again).toBe(configured(PAGE, "https://other.example.org"));
  });

  test("must be one of ours", () => expect(() => configured("<html></html>", origin)).toThrow("index.html"));

  test("is known to the service worker as a new one", () => {
    const worker = `precache([{url:"icon.svg",revision:"a"},{url:"index.html",revision:"b"}])`;
    const changed = withRevision(worker, configured(PAGE, origin));
    expect(changed).toMatch(/\{url:"icon\.svg",revision:"a"\},\{url:"index\.html",revision:"[0-9a-f]{32}"\}/u);
  });

  test("is framed by nobody", () => expect(headersFor(origin)).toContain("frame-ancestors 'none'"));
});
