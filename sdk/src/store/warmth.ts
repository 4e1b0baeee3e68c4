/** Loads the newest messages of the latest rooms ahead: one room after the other, and only while there is a connection. */

import { ALL, type Context } from "./context.ts";
import { later } from "./later.ts";

/** After everything that is on the page. */
const FIRST_MS = 2_000;
const NEXT_MS = 500;

/** `next` loads a room and tells whether there may be another one. */
export function keepWarm(context: Context, next: () => Promise<boolean>): void {
  let isRunning = false;
  const again = (ms: number) => later(ms, () => void step());
  const step = async () => {
    const isMore = context.isOnline && (await next());
    isRunning = isMore;
    if (isMore) again(NEXT_MS);
  };
  context.follow(ALL, {
    wake() {
      if (isRunning || !context.isOnline) return;
      isRunning = true;
      again(FIRST_MS);
    },
  });
}
