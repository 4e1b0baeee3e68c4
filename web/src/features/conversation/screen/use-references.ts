import { useMemo } from "react";
import { useClient, useMe, useMembers, useRoom, useReadable, useRooms } from "@hubbub/client/react";
import { useLocation } from "wouter";
import { toast } from "../../../design/index.ts";
import type { References } from "../markdown/references.tsx";

/** What `@name` and `#room` in messages lead to. */
export function useReferences(roomId: string): References {
  const client = useClient();
  const me = useMe()?.name ?? "";
  const members = useMembers(roomId);
  const total = useReadable(useRoom(roomId).summary)?.members ?? 0;
  const rooms = useRooms();
  const [, navigate] = useLocation();
  return useMemo(() => {
    const people = new Map(members.map((member) => [member.name.toLowerCase(), member]));
    const findRoom = async (name: string) => {
      const wanted = name.toLowerCase();
      const joined = rooms.find((room) => room.kind !== "direct" && room.name.toLowerCase() === wanted);
      if (joined) return joined.id;
      const { room } = await client.request("room.get", { room: `#${name}` });
      return room.id;
    };
    return {
      me,
      findPerson: (name) => people.get(name.toLowerCase()),
      isIncomplete: total > members.length,
      openRoom: (name) => {
        findRoom(name).then(
          (id) => navigate(`/rooms/${id}`),
          () => toast({ title: `There is no room #${name} for you`, key: "room" }),
        );
      },
    };
  }, [client, me, members, total, rooms, navigate]);
}
