/** The Hubbub client. */

export { HubbubClient } from "./client.ts";
export type { ClientOptions } from "./options.ts";
export { HubbubError } from "./error.ts";
export type { ErrorKind, Refusal } from "./error.ts";
export type { Account, Api, CallOptions, Credentials, Granted, Session } from "./api.ts";
export type { Auth, Why } from "./credentials.ts";
export type { ChannelLike, Environment, LocksLike, SocketLike } from "./environment.ts";
export type { Outbox } from "./outbox-types.ts";
export type { RoomHandle, Rooms } from "./rooms.ts";
export { memoryStorage } from "./storage.ts";
export type { ClientStorage } from "./storage.ts";
export type * from "./gen/protocol.ts";
export type * from "./types.ts";
