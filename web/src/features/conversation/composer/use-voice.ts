import { useEffect, useState } from "react";
import { useBlocks } from "@hubbub/client/react";
import type { TimelineMessage } from "@hubbub/client/store";
import { useConversation } from "../screen/conversation-context.ts";
import { exactTime } from "../timeline/times.ts";

/** Whether one may write here. */
export interface Voice {
  /** Why not. */
  readonly silence?: string;
  /** Whom to unblock to be able to. */
  readonly blocked?: { readonly id: string; readonly name: string };
  /** What is worth knowing while one may. */
  readonly note?: string;
  /** How long the room's slow mode asks to wait (ms). */
  readonly wait: number;
}

const TICK_MS = 500;
const REFUSED_MOST = 20;

/** When one may send again; in the past when one may at once. */
function freeAt(items: readonly TimelineMessage[], me: string, slowModeMs: number): number {
  if (slowModeMs === 0) return 0;
  const last = items.findLast((item) => item.author.id === me && item.status !== "failed");
  return last ? last.at + slowModeMs : 0;
}

/** The time until a moment; renders again while it is ahead. */
function useTimeUntil(moment: number): number {
  const [now, setNow] = useState(Date.now);
  const left = Math.max(0, moment - now);
  useEffect(() => {
    const update = () => setNow(Date.now());
    update();
    if (moment <= Date.now()) return;
    const timer = setInterval(update, TICK_MS);
    return () => clearInterval(timer);
  }, [moment, left === 0]);
  return left;
}

/** Whether one may write in this conversation, and what stands in the way. */
export function useVoice(items: readonly TimelineMessage[]): Voice {
  const { summary, me, isModerator } = useConversation();
  const blocks = useBlocks();
  const { muted, mutedUntil } = summary;
  const wait = useTimeUntil(isModerator ? 0 : freeAt(items, me.id, summary.slowModeMs));
  const muteLeft = useTimeUntil(muted ? (mutedUntil ?? 0) : 0);
  if (muted && (mutedUntil === undefined || muteLeft > 0)) {
    return { silence: mutedUntil ? `You are muted until ${exactTime(mutedUntil)}` : "You are muted here", wait: 0 };
  }
  if (summary.kind !== "direct") return { wait };
  if (blocks.some((block) => block.user.id === summary.peer)) {
    return {
      silence: `You blocked ${summary.name}`,
      blocked: { id: summary.peer ?? "", name: summary.name },
      wait: 0,
    };
  }
  // What was refused stands at the end.
  const isRefused = items.slice(-REFUSED_MOST).some((item) => item.failure?.reason === "RECIPIENT_UNAVAILABLE");
  return isRefused ? { note: `${summary.name} cannot be written to at present.`, wait } : { wait };
}
