import { useCallback, useState } from "react";
import type { Target, TimelineStore } from "@hubbub/client/store";
import { toast } from "../../../design/index.ts";

/** A row to show, and which jump it is: the same row can be jumped to twice. */
export interface Jump {
  readonly id: string;
  readonly number: number;
}

/** Goes to a message, wherever it stands: loads that part of the conversation if it has to. */
export function useJumps(store: TimelineStore): [Jump | undefined, (target: Target) => Promise<void>] {
  const [jump, setJump] = useState<Jump>();
  const go = useCallback(
    async (target: Target) => {
      const index = await store.jumpTo(target).catch(() => -1);
      const found = store.get().items[index];
      if (found) setJump((before) => ({ id: found.id, number: (before?.number ?? 0) + 1 }));
      else toast({ title: "There is no such message here", tone: "danger", key: "jump" });
    },
    [store],
  );
  return [jump, go];
}
