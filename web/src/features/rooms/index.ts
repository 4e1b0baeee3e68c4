export { BrowseScreen } from "./browse-screen.tsx";
export { InviteScreen } from "./invite-screen.tsx";
export { NewRoomDialog } from "./new-room-dialog.tsx";
export { RoomDetails } from "./details/room-details.tsx";
