/** The people: friends, requests, blocks, presence, and the card that a name opens. */

export { AddFriendDialog } from "./add-friend-dialog.tsx";
export { BlockDialog } from "./block-dialog.tsx";
export { BlockedList } from "./blocked-list.tsx";
export { DirectScreen } from "./direct-screen.tsx";
export { FriendsScreen } from "./friends-screen.tsx";
export { PersonLink, type PersonLinkProps } from "./person-link.tsx";
export { usePersonDialogs, type Ask, type Question } from "./person-actions.tsx";
export { PresenceMenu } from "./presence-menu.tsx";
export { ago, ownLine, presenceLine, presenceState } from "./presence-words.ts";
export { ProfileCard, type ProfileCardProps } from "./profile-card.tsx";
export { ReportDialog, type ReportDialogProps } from "./report-dialog.tsx";
export { StatusDialog } from "./status-dialog.tsx";
