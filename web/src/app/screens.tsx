import { lazy, type ComponentType } from "react";

/**
 * The features' screens, each loaded when it is first shown. A screen is loaded by its own file: the features' `index.ts`
 * would bring everything along.
 */

function screen<P extends object, N extends string>(load: () => Promise<Record<N, ComponentType<P>>>, name: N) {
  return lazy(async () => ({ default: (await load())[name] }));
}

export const ConversationScreen = screen(
  () => import("../features/conversation/screen/conversation-screen.tsx"),
  "ConversationScreen",
);
export const SearchScreen = screen(() => import("../features/conversation/search/search-screen.tsx"), "SearchScreen");
export const FriendsScreen = screen(() => import("../features/people/friends-screen.tsx"), "FriendsScreen");
export const DirectScreen = screen(() => import("../features/people/direct-screen.tsx"), "DirectScreen");
export const NotificationsScreen = screen(
  () => import("../features/notifications/notifications-screen.tsx"),
  "NotificationsScreen",
);
export const SettingsScreen = screen(() => import("../features/account/settings-screen.tsx"), "SettingsScreen");
export const ConsoleScreen = screen(() => import("../features/console/console-screen.tsx"), "ConsoleScreen");
export const BrowseScreen = screen(() => import("../features/rooms/browse-screen.tsx"), "BrowseScreen");
export const InviteScreen = screen(() => import("../features/rooms/invite-screen.tsx"), "InviteScreen");
