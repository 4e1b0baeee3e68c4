import type { RoomKind, RoomRole, User } from "@hubbub/client";

const HEIGHT: Readonly<Record<RoomRole, number>> = { member: 0, moderator: 1, owner: 2 };

export const ROLE_NAMES: Readonly<Record<RoomRole, string>> = {
  owner: "Owner",
  moderator: "Moderator",
  member: "Member",
};

/** What one may do in a room, as the server will decide it: what it would refuse is not offered. */
export interface Powers {
  /** Topic, slow mode, invitations, bans. */
  readonly moderates: boolean;
  /** Name, roles, handing over, deleting. */
  readonly owns: boolean;
}

export function powersOf(kind: RoomKind, role: RoomRole | undefined): Powers {
  const height = kind === "direct" || !role ? 0 : HEIGHT[role];
  return { moderates: height >= HEIGHT.moderator, owns: height >= HEIGHT.owner };
}

/** Nobody acts on their equals or on themselves; administrators may kick and mute anyone. */
export function mayAct(me: User, own: RoomRole | undefined, them: { id: string; role: RoomRole }): boolean {
  if (me.id === them.id) return false;
  if (me.role === "ADMIN") return true;
  return own !== undefined && own !== "member" && HEIGHT[own] > HEIGHT[them.role];
}
