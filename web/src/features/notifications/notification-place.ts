import type { Notification } from "@hubbub/client/store";

/** The kinds there are icons for; another one, of a later server, is shown as a plain notice. */
export type Sort = "mention" | "reaction" | "request" | "friend" | "moderation" | "notice";

export function sortOf(kind: string): Sort {
  switch (kind) {
    case "mention":
    case "reaction":
    case "moderation":
      return kind;
    case "friend.requested":
      return "request";
    case "friend.accepted":
      return "friend";
    default:
      return "notice";
  }
}

/** Where a notification leads; nowhere, when all there is to know stands in it. */
export function placeOf({ kind, data }: Pick<Notification, "kind" | "data">): string | undefined {
  const text = (name: string) => {
    const value = data[name];
    return typeof value === "string" && value !== "" ? encodeURIComponent(value) : undefined;
  };
  const [room, message, thread, user] = [text("room"), text("message"), text("thread"), text("user")];
  if (room && thread) return `/rooms/${room}/thread/${thread}`;
  if (room) return message ? `/rooms/${room}/m/${message}` : `/rooms/${room}`;
  if (kind === "friend.accepted" && user) return `/direct/${user}`;
  if (kind.startsWith("friend.")) return "/friends";
  return undefined;
}
