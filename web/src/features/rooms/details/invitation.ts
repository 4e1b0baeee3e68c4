import type { Invite } from "@hubbub/client";

/** The address that opens this page at the invitation, wherever the page is served from. */
export function invitationLink(code: string, page: string): string {
  const link = new URL(page);
  link.search = "";
  link.hash = `/invite/${encodeURIComponent(code)}`;
  return link.href;
}

/** How often it was used, and how often it may be. */
export function usesLeft({ uses, maxUses }: Pick<Invite, "uses" | "maxUses">): string {
  if (maxUses > 0) return `${uses} of ${maxUses} used`;
  return uses === 1 ? "used once" : `used ${uses} times`;
}
