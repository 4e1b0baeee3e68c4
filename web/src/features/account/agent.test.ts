import { expect, it } from "vitest";
import { readAgent } from "./agent.ts";

const CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36";
const EDGE = `${CHROME.replace("X11; Linux x86_64", "Windows NT 10.0; Win64; x64")} Edg/130.0.0.0`;
const IPHONE =
  "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1";

it("names browsers and systems", () => {
  expect(readAgent(CHROME)).toEqual({ label: "Chrome on Linux", form: "computer" });
  expect(readAgent(EDGE)).toEqual({ label: "Edge on Windows", form: "computer" });
  expect(readAgent(IPHONE)).toEqual({ label: "Safari on iPhone", form: "phone" });
});

it("takes programs by their name, and nothing for nothing", () => {
  expect(readAgent("curl/8.5.0")).toEqual({ label: "curl", form: "program" });
  expect(readAgent("").label).toBe("Unknown device");
});
