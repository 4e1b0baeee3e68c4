import { Skeleton } from "../../../design/index.ts";
import { rangeWords, RANGE_REFUSED_ADVICE } from "../ban-words.ts";
import { readRange } from "../cidr.ts";
import type { BanMode } from "../shapes.ts";
import { useNow } from "../use-now.ts";
import type { PreviewState } from "./use-preview.ts";
import styles from "./acts.module.css";

export interface PreviewBoxProps {
  typed: string;
  state: PreviewState;
  mode: BanMode;
  until: number | undefined;
}

/** Whom a range holds, while it is being typed. It has its place from the start, so that nothing jumps. */
export function PreviewBox({ typed, state, mode, until }: PreviewBoxProps) {
  return (
    <section className={styles["preview"]} aria-label="Whom it hits" aria-live="polite">
      <Content typed={typed} state={state} mode={mode} until={until} />
    </section>
  );
}

function Content({ typed, state, mode, until }: PreviewBoxProps) {
  const now = useNow();
  if (state.phase === "none") {
    return <p className={styles["quiet"]}>Type a range to see whom it would hit.</p>;
  }
  if (state.phase === "looking") {
    return (
      <>
        <Skeleton width="46%" height="12px" />
        <Skeleton width="82%" height="12px" />
        <Skeleton width="64%" height="12px" />
      </>
    );
  }
  if (state.phase === "failed") {
    return (
      <>
        <p className={styles["refused"]}>{state.problem.message}</p>
        {state.problem.reason === "RANGE_REFUSED" && <p className={styles["quiet"]}>{RANGE_REFUSED_ADVICE}</p>}
      </>
    );
  }
  const reading = readRange(typed);
  return (
    <>
      <p className={styles["range"]}>
        <code>{state.preview.cidr}</code> {"size" in reading && <span>{reading.size}</span>}
      </p>
      <Sentences words={rangeWords(state.preview, mode, until, now)} isGrave={state.preview.admins > 0} />
    </>
  );
}

/** One fact a line; where administrators are hit, that stands first and stands out. */
export function Sentences({ words, isGrave = false }: { words: readonly string[]; isGrave?: boolean | undefined }) {
  return (
    <ul className={styles["sentences"]}>
      {words.map((sentence, index) => (
        <li key={sentence} className={isGrave && index === 0 ? styles["grave"] : undefined}>
          {sentence}
        </li>
      ))}
    </ul>
  );
}
