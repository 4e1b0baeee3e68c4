/**
 * Address ranges as they are typed. The server decides what may be banned; this only spares it what is no range at
 * all, and says how large one is. The plain forms alone are read, as the server does: no octal, no short IPv4, no zone.
 */

export type RangeReading =
  { readonly family: 4 | 6; readonly prefix: number; readonly size: string } | { readonly why: string };

const V4_PART = /^(0|[1-9]\d{0,2})$/;
const V6_PART = /^[0-9a-f]{1,4}$/i;
const PREFIX = /^(0|[1-9]\d{0,2})$/;

/** What a household or a server has in IPv6; a bare address stands for it. */
const V6_SITE = 64;

export function readRange(text: string): RangeReading {
  const trimmed = text.trim();
  if (trimmed === "") return { why: "An address or a range, such as 203.0.113.0/24" };
  const [address = "", prefix, ...more] = trimmed.split("/");
  if (more.length > 0) return { why: "One slash at most" };
  const family = isV4(address) ? 4 : isV6(address) ? 6 : undefined;
  if (!family) return { why: "This is neither an IPv4 nor an IPv6 address" };
  const longest = family === 4 ? 32 : 128;
  if (prefix === undefined) return sized(family, family === 4 ? 32 : V6_SITE);
  if (!PREFIX.test(prefix) || Number(prefix) > longest) return { why: `After the slash: 0 to ${longest}` };
  return sized(family, Number(prefix));
}

const isV4 = (address: string): boolean => {
  const parts = address.split(".");
  return parts.length === 4 && parts.every((part) => V4_PART.test(part) && Number(part) < 256);
};

function isV6(address: string): boolean {
  const halves = address.split("::");
  if (halves.length > 2) return false;
  const parts = halves.flatMap((half) => (half === "" ? [] : half.split(":")));
  const last = parts.at(-1) ?? "";
  // The last four bytes may be written as IPv4; they count as two parts.
  const isMixed = last.includes(".");
  if (isMixed && !isV4(last)) return false;
  const plain = isMixed ? parts.slice(0, -1) : parts;
  const count = plain.length + (isMixed ? 2 : 0);
  return plain.every((part) => V6_PART.test(part)) && (halves.length === 2 ? count < 8 : count === 8);
}

function sized(family: 4 | 6, prefix: number): RangeReading {
  return { family, prefix, size: family === 4 ? sizeOfV4(prefix) : sizeOfV6(prefix) };
}

const sizeOfV4 = (prefix: number): string => {
  const count = 2 ** (32 - prefix);
  return count === 1 ? "one address" : `${count.toLocaleString("en")} addresses`;
};

/** Addresses of IPv6 are not countable in a meaningful way; sites are. */
function sizeOfV6(prefix: number): string {
  if (prefix === 128) return "one address";
  if (prefix > V6_SITE) return "a part of one site";
  if (prefix === V6_SITE) return "one site: a household or a server";
  const sites = 2 ** (V6_SITE - prefix);
  return sites < 1e9 ? `${sites.toLocaleString("en")} sites` : `2^${V6_SITE - prefix} sites`;
}
