import type { Block, Friends } from "@hubbub/client/store";

/** What someone is to the person at this device. */
export type Relation = "self" | "friend" | "incoming" | "outgoing" | "blocked" | "none";

export function relationTo(
  user: string,
  known: { me: string | undefined; friends: Friends; blocks: readonly Block[] },
): Relation {
  const { me, friends, blocks } = known;
  const isIn = (list: readonly { user: { id: string } }[]) => list.some((entry) => entry.user.id === user);
  if (user === me) return "self";
  // A block ends a friendship: where both are still listed, the block is the newer word.
  if (isIn(blocks)) return "blocked";
  if (friends.friends.some((friend) => friend.id === user)) return "friend";
  if (isIn(friends.incoming)) return "incoming";
  return isIn(friends.outgoing) ? "outgoing" : "none";
}

/** Whether a name has what was typed, in whatever case and with whatever accents. */
export function nameHas(name: string, query: string): boolean {
  const fold = (text: string) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  return fold(name).includes(fold(query.trim().replace(/^@/u, "")));
}

/** The rule for names, as the server has it; nothing when the name keeps it. */
export function nameProblem(name: string): string | undefined {
  if (/^[A-Za-z][\w.-]{1,31}$/u.test(name)) return undefined;
  return "2 to 32 letters, digits, “_”, “.” or “-”, starting with a letter";
}
