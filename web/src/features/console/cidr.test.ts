import { describe, expect, it } from "vitest";
import { readRange } from "./cidr.ts";

describe("readRange", () => {
  it.each([
    ["203.0.113.7", 4, 32, "one address"],
    [" 203.0.113.7/24 ", 4, 24, "256 addresses"],
    ["10.0.0.0/8", 4, 8, "16,777,216 addresses"],
    ["2001:db8::1", 6, 64, "one site: a household or a server"],
    ["2001:db8::1/128", 6, 128, "one address"],
    ["2001:db8::/96", 6, 96, "a part of one site"],
    ["2001:db8::/48", 6, 48, "65,536 sites"],
    ["2000::/3", 6, 3, "2^61 sites"],
    ["::", 6, 64, "one site: a household or a server"],
    ["::ffff:203.0.113.7/120", 6, 120, "a part of one site"],
    ["1:2:3:4:5:6:7:8/64", 6, 64, "one site: a household or a server"],
  ] as const)("%s", (text, family, prefix, size) => expect(readRange(text)).toEqual({ family, prefix, size }));

  // The same texts that the server does not read.
  it.each([
    "",
    "/",
    "/8",
    "ada",
    "203.0.113",
    "0313.0.0161.7",
    "203.0.113.07",
    "0xcb.0.113.7",
    "3405803783",
    "203.0.113.7/",
    "203.0.113.7/33",
    "203.0.113.7/032",
    "203.0.113.7/+8",
    "203.0.113.7/8/8",
    "203.0.113.7/255.255.255.0",
    "203.0.113.*",
    "2001:db8::/129",
    "fe80::1%eth0",
    "[2001:db8::1]",
    "203.0.113.7:80",
    "1:2:3:4:5:6:7",
    "1:2:3:4:5:6:7:8:9",
    "1::2::3",
    "12345::",
    ":1:2:3:4:5:6:7",
  ])("does not read %j", (text) => expect(readRange(text)).toHaveProperty("why"));
});
