import { useBlocks, useFriends, useMe } from "@hubbub/client/react";
import { relationTo, type Relation } from "./relation.ts";

/** What someone is to the person at this device, kept up to date. */
export function useRelation(user: string): Relation {
  const me = useMe()?.id;
  const friends = useFriends();
  const blocks = useBlocks();
  return relationTo(user, { me, friends, blocks });
}
