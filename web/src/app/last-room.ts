import { kept } from "./kept.ts";

/** The room that was open last, for the next visit. */
export const lastRoom = kept<string>("lastRoom");
