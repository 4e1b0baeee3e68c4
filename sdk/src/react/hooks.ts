import { useContext, useMemo, useSyncExternalStore } from "react";

import type { HubbubClient } from "../index.ts";
import type {
  Block,
  Friends,
  Member,
  Message,
  Notifications,
  OwnPresence,
  Person,
  PresenceOf,
  Receipt,
  RoomStore,
  RoomSummary,
  Settings,
  Stores,
  Thread,
  Timeline,
  TimelineStore,
} from "../store/index.ts";
import type { ConnectionState, Readable } from "../types.ts";
import type { User } from "../gen/protocol.ts";
import { type Provided, ProvidedContext } from "./provider.tsx";

function useProvided(): Provided {
  const provided = useContext(ProvidedContext);
  if (!provided) throw new Error("there is no <HubbubProvider> above");
  return provided;
}

export function useClient(): HubbubClient {
  return useProvided().client;
}

export function useStores(): Stores {
  return useProvided().stores;
}

/** The present value; renders again when it changes. */
export function useReadable<T>(readable: Readable<T>): T {
  const [subscribe, get] = useMemo(
    () => [(listener: () => void) => readable.subscribe(listener), () => readable.get()] as const,
    [readable],
  );
  return useSyncExternalStore(subscribe, get, get);
}

/** Where the connection stands, and how much waits to be sent. */
export type Connection = ConnectionState & { readonly waiting: number };

export function useConnection(): Connection {
  const client = useClient();
  const state = useReadable(client.connection);
  const items = useReadable(client.outbox.items);
  return useMemo(() => {
    const waiting = items.filter((item) => item.state !== "failed").length;
    return { ...state, waiting };
  }, [state, items]);
}

export const useMe = (): User | null => useReadable(useClient().me);
export const useRooms = (): readonly RoomSummary[] => useReadable(useStores().rooms);
export const useRoom = (id: string): RoomStore => useStores().room(id);

export function useTimeline(room: string, thread?: string): [Timeline, TimelineStore] {
  const store = useRoom(room).timeline(thread);
  return [useReadable(store), store];
}

export const useTyping = (room: string): readonly Person[] => useReadable(useRoom(room).typing);
export const useMembers = (room: string): readonly Member[] => useReadable(useRoom(room).members);
export const useThreads = (room: string): readonly Thread[] => useReadable(useRoom(room).threads);
export const usePins = (room: string): readonly Message[] => useReadable(useRoom(room).pins);
export const useReceipts = (room: string): readonly Receipt[] => useReadable(useRoom(room).receipts);
export const useFriends = (): Friends => useReadable(useStores().friends);
export const useBlocks = (): readonly Block[] => useReadable(useStores().blocks);
export const useNotifications = (): Notifications => useReadable(useStores().notifications);
export const useSettings = (): Settings | undefined => useReadable(useStores().settings);
export const useOwnPresence = (): OwnPresence | undefined => useReadable(useStores().ownPresence);
export const usePresence = (user: string): PresenceOf | undefined => useReadable(useStores().presence(user));
export const usePerson = (user: string): Person | undefined => useReadable(useStores().person(user));
