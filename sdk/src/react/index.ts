/** React hooks over the stores: `@hubbub/client/react`. */

export { HubbubProvider } from "./provider.tsx";
export type { HubbubProviderProps } from "./provider.tsx";
export {
  useBlocks,
  useClient,
  useConnection,
  useFriends,
  useMe,
  useMembers,
  useNotifications,
  useOwnPresence,
  usePerson,
  usePins,
  usePresence,
  useReadable,
  useReceipts,
  useRoom,
  useRooms,
  useSettings,
  useStores,
  useThreads,
  useTimeline,
  useTyping,
} from "./hooks.ts";
export type { Connection } from "./hooks.ts";
