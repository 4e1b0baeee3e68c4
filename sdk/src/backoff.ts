/** How long to wait before the next attempt. */

const BASE_MS = 500;
const CAP_MS = 30_000;
/** When a good connection breaks, so did everybody else's, perhaps: the first attempts are spread over this. */
const LOST_MS = 3_000;

/**
 * Returns the pause before attempt `attempt` (from 0): full jitter on top of the floor, so that those who were all told
 * the same floor do not all come at the same time. `isLost`: a connection broke that had been good.
 */
export function pause(attempt: number, floorMs: number, random: () => number, isLost?: boolean): number {
  return floorMs + Math.floor(random() * Math.max(isLost ? LOST_MS : 0, Math.min(CAP_MS, BASE_MS * 2 ** attempt)));
}
