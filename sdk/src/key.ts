/** Idempotency keys. */

/** Makes a UUIDv7: keys made later sort later, which is kind to the server's indexes. */
export function newKey(now: number, random: () => number): string {
  const bytes = new Uint8Array(16);
  // Not every platform has it, and a key has to be unique, not secret.
  if (typeof globalThis.crypto?.getRandomValues === "function") crypto.getRandomValues(bytes);
  else bytes.forEach((_, at) => (bytes[at] = random() * 256));
  for (let at = 0; at < 6; at++) bytes[at] = now / 2 ** (40 - 8 * at);
  bytes[6] = 0x70 | (bytes[6]! & 0x0f);
  bytes[8] = 0x80 | (bytes[8]! & 0x3f);
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}
