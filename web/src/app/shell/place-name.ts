import type { RoomSummary } from "@hubbub/client/store";

const NAMES: Readonly<Record<string, string>> = {
  "": "Rooms",
  rooms: "Browse rooms",
  friends: "Friends",
  notifications: "Notifications",
  search: "Search",
  settings: "Settings",
  console: "Console",
  invite: "Invitation",
  direct: "Direct conversation",
};

/** How a room is written: `#name` for a channel, the name alone for what is private. */
export const roomTitle = (room: Pick<RoomSummary, "kind" | "name">): string =>
  room.kind === "channel" ? `#${room.name}` : room.name;

/** The name of a place in the page, for the window's title. */
export function placeName(path: string, rooms: readonly RoomSummary[]): string {
  const [, first = "", second] = path.split("/");
  if (first === "rooms" && second) {
    const room = rooms.find(({ id }) => id === second);
    return room ? roomTitle(room) : "Room";
  }
  return NAMES[first] ?? "Nothing here";
}

/** What asks for attention: everything said to oneself, and how much is unread at all. */
export function attention(rooms: readonly RoomSummary[]): { forMe: number; unread: number } {
  let forMe = 0;
  let unread = 0;
  for (const room of rooms) {
    unread += room.unread;
    forMe += room.kind === "direct" ? room.unread : room.mentions;
  }
  return { forMe, unread };
}

/** The window's title: the number is what is said to oneself, a dot stands for the rest. */
export function windowTitle(place: string, rooms: readonly RoomSummary[]): string {
  const { forMe, unread } = attention(rooms);
  const mark = forMe > 0 ? `(${forMe}) ` : unread > 0 ? "• " : "";
  return `${mark}${place} · Hubbub`;
}
