// The public API of react. Written by scripts/api-report.mjs.

// react/hooks.d.ts
export declare function useClient(): HubbubClient;
export declare function useStores(): Stores;
/** The present value; renders again when it changes. */
export declare function useReadable<T>(readable: Readable<T>): T;
/** Where the connection stands, and how much waits to be sent. */
export type Connection = ConnectionState & {
  readonly waiting: number;
};
export declare function useConnection(): Connection;
export declare const useMe: () => User | null;
export declare const useRooms: () => readonly RoomSummary[];
export declare const useRoom: (id: string) => RoomStore;
export declare function useTimeline(room: string, thread?: string): [Timeline, TimelineStore];
export declare const useTyping: (room: string) => readonly Person[];
export declare const useMembers: (room: string) => readonly Member[];
export declare const useThreads: (room: string) => readonly Thread[];
export declare const usePins: (room: string) => readonly Message[];
export declare const useReceipts: (room: string) => readonly Receipt[];
export declare const useFriends: () => Friends;
export declare const useBlocks: () => readonly Block[];
export declare const useNotifications: () => Notifications;
export declare const useSettings: () => Settings | undefined;
export declare const useOwnPresence: () => OwnPresence | undefined;
export declare const usePresence: (user: string) => PresenceOf | undefined;
export declare const usePerson: (user: string) => Person | undefined;

// react/index.d.ts
/** React hooks over the stores: `@hubbub/client/react`. */
// export { HubbubProvider } from "./provider.tsx";
// export type { HubbubProviderProps } from "./provider.tsx";
// export { useBlocks, useClient, useConnection, useFriends, useMe, useMembers, useNotifications, useOwnPresence, usePerson, usePins, usePresence, useReadable, useReceipts, useRoom, useRooms, useSettings, useStores, useThreads, useTimeline, useTyping, } from "./hooks.ts";
// export type { Connection } from "./hooks.ts";

// react/provider.d.ts
/** What the hooks find. */
export interface Provided {
  readonly client: HubbubClient;
  readonly stores: Stores;
}
export declare const ProvidedContext: import("react").Context<Provided | null>;
export interface HubbubProviderProps {
  client: HubbubClient;
  /** Those of the client, made when they are first needed, unless the page made its own. */
  stores?: Stores;
  children?: ReactNode;
}
/** Makes a client and its stores known to the hooks below. */
export declare function HubbubProvider({ client, stores, children }: HubbubProviderProps): ReactElement;
