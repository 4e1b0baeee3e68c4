import {
  Bell,
  Compass,
  Hash,
  Lock,
  LogOut,
  Plus,
  Search,
  Settings,
  ShieldCheck,
  SunMoon,
  UserRound,
  Users,
} from "lucide-react";
import type { ReactNode } from "react";
import type { User } from "@hubbub/client";
import type { Friends, RoomSummary } from "@hubbub/client/store";
import { Avatar } from "../../design/index.ts";
import { session } from "../session.ts";
import { isDark, theme } from "../theme.ts";
import { roomTitle } from "./place-name.ts";
import type { Candidate } from "./rank.ts";

/** One line of the switcher. */
export interface Destination extends Candidate {
  readonly group: "Conversations" | "People" | "Commands";
  readonly icon: ReactNode;
  readonly unread?: number;
  readonly mentions?: number;
  readonly go: () => void;
}

type Navigate = (to: string) => void;

export function roomDestinations(rooms: readonly RoomSummary[], navigate: Navigate): Destination[] {
  return rooms.map((room, index) => ({
    id: `room-${room.id}`,
    group: "Conversations",
    label: roomTitle(room),
    also: room.topic,
    weight: (room.mentions > 0 ? 2_000 : room.unread > 0 ? 1_000 : 0) - index,
    unread: room.unread,
    mentions: room.kind === "direct" ? room.unread : room.mentions,
    icon: roomIcon(room),
    go: () => navigate(`/rooms/${room.id}`),
  }));
}

function roomIcon(room: RoomSummary): ReactNode {
  if (room.kind === "direct") return <Avatar id={room.peer ?? room.id} name={room.name} size="tiny" />;
  return room.kind === "private" ? <Lock /> : <Hash />;
}

/** Friends one has no conversation with yet; the others stand among the conversations. */
export function peopleDestinations(
  { friends }: Friends,
  rooms: readonly RoomSummary[],
  navigate: Navigate,
): Destination[] {
  const known = new Set(rooms.map(({ peer }) => peer));
  return friends
    .filter(({ id }) => !known.has(id))
    .map(({ id, name }) => ({
      id: `person-${id}`,
      group: "People",
      label: name,
      icon: <Avatar id={id} name={name} size="tiny" />,
      go: () => navigate(`/direct/${id}`),
    }));
}

export function commandDestinations(me: User | null, navigate: Navigate, newRoom: () => void): Destination[] {
  const to = (label: string, path: string, icon: ReactNode, also = ""): Destination => ({
    id: path,
    group: "Commands",
    label,
    also,
    icon,
    go: () => navigate(path),
  });
  const dark = isDark();
  return [
    { id: "new-room", group: "Commands", label: "New room", also: "create make", icon: <Plus />, go: newRoom },
    to("Browse rooms", "/rooms", <Compass />, "find join"),
    to("Friends", "/friends", <Users />, "people requests"),
    to("Notifications", "/notifications", <Bell />, "mentions"),
    to("Settings", "/settings", <Settings />, "account profile password sessions"),
    ...(me?.role === "ADMIN" ? [to("Console", "/console", <ShieldCheck />, "admin reports bans")] : []),
    {
      id: "theme",
      group: "Commands",
      label: dark ? "Light appearance" : "Dark appearance",
      also: "theme mode",
      icon: <SunMoon />,
      go: () => theme.set(dark ? "light" : "dark"),
    },
    {
      id: "log-out",
      group: "Commands",
      label: "Log out",
      also: "sign leave",
      icon: <LogOut />,
      go: () => void session.logOut(),
    },
  ];
}

/** What can be made of a text that is no name: a search, and for one word a person. */
export function queryDestinations(query: string, navigate: Navigate): Destination[] {
  const wanted = query.trim();
  if (!wanted) return [];
  const search: Destination = {
    id: "search",
    group: "Commands",
    label: `Search messages for “${wanted}”`,
    icon: <Search />,
    go: () => navigate(`/search?q=${encodeURIComponent(wanted)}`),
  };
  const name = wanted.replace(/^@/u, "");
  if (!/^[\p{L}\p{N}_.-]{2,32}$/u.test(name)) return [search];
  const person: Destination = {
    id: "write",
    group: wanted.startsWith("@") ? "People" : "Commands",
    label: `Write to @${name}`,
    icon: <UserRound />,
    go: () => navigate(`/direct/${encodeURIComponent(`@${name}`)}`),
  };
  return wanted.startsWith("@") ? [person, search] : [search, person];
}
