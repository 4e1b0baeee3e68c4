import { agoWords, momentWords } from "./time-words.ts";
import { useNow } from "./use-now.ts";

/** A moment as one reads it in a list; the exact one on pointing at it. */
export function Moment({ at }: { at: number | undefined }) {
  const now = useNow();
  if (!at) return <span>–</span>;
  return (
    <time dateTime={new Date(at).toISOString()} title={momentWords(at)}>
      {agoWords(at, now)}
    </time>
  );
}
