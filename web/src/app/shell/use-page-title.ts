import { useEffect } from "react";
import { useLocation } from "wouter";
import { useRooms } from "@hubbub/client/react";
import { lastRoom } from "../last-room.ts";
import { attention, placeName, windowTitle } from "./place-name.ts";

/** The window's title and the installed app's badge; and the open room is kept for next time. */
export function usePageTitle() {
  const [path] = useLocation();
  const rooms = useRooms();
  const title = windowTitle(placeName(path, rooms), rooms);
  const { forMe } = attention(rooms);
  const [, first, room] = path.split("/");

  useEffect(() => {
    document.title = title;
    return () => {
      document.title = "Hubbub";
    };
  }, [title]);

  useEffect(() => {
    // Not every browser has badges, and those that do may refuse them to a page that is not installed.
    void navigator.setAppBadge?.(forMe).catch(() => {});
  }, [forMe]);

  useEffect(() => {
    if (first === "rooms" && room && rooms.some(({ id }) => id === room)) lastRoom.set(room);
  }, [first, room, rooms]);
}
