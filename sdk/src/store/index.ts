/** What a chat client shows, kept up to date by a client: `@hubbub/client/store`. */

export { createStores } from "./stores.ts";
export type { StoresOptions } from "./stores.ts";
export type {
  CacheStorage,
  Failure,
  Friends,
  Notifications,
  Outcome,
  OwnPresence,
  PagedStore,
  People,
  RoomActions,
  RoomCommands,
  RoomStore,
  RoomSummary,
  StoreClient,
  Stores,
  Target,
  Timeline,
  TimelineMessage,
  TimelineStore,
} from "./types.ts";
export type {
  Block,
  FriendRequest,
  Member,
  Message,
  Notification,
  Person,
  PresenceOf,
  Reaction,
  Receipt,
  RoomKind,
  RoomRole,
  Settings,
  Thread,
  User,
} from "../gen/protocol.ts";
