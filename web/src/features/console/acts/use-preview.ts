import { useEffect, useState } from "react";
import type { ConsoleApi } from "../api.ts";
import { readRange } from "../cidr.ts";
import { isAborted, problemOf, type Problem } from "../problem.ts";
import type { BanPreview } from "../shapes.ts";
import { useSettled } from "../use-settled.ts";

export type PreviewState =
  /** Nothing typed, or no range. */
  | { readonly phase: "none"; readonly why: string }
  | { readonly phase: "looking" }
  | { readonly phase: "ready"; readonly preview: BanPreview }
  | { readonly phase: "failed"; readonly problem: Problem };

/** Whom a ban of the typed range would hit, shortly after the last keystroke. */
export function usePreview(api: ConsoleApi, typed: string): PreviewState {
  const range = useSettled(typed.trim(), 350);
  const [answer, setAnswer] = useState<{ readonly range: string; readonly state: PreviewState }>();

  useEffect(() => {
    if ("why" in readRange(range)) return;
    const controller = new AbortController();
    api.preview(range, controller.signal).then(
      (preview) => {
        if (!controller.signal.aborted) setAnswer({ range, state: { phase: "ready", preview } });
      },
      (error: unknown) => {
        if (controller.signal.aborted || isAborted(error)) return;
        setAnswer({ range, state: { phase: "failed", problem: problemOf(error) } });
      },
    );
    return () => controller.abort();
  }, [api, range]);

  const reading = readRange(typed);
  if ("why" in reading) return { phase: "none", why: reading.why };
  // An answer about other addresses than those that stand there must never be taken for theirs.
  return answer?.range === typed.trim() ? answer.state : { phase: "looking" };
}
