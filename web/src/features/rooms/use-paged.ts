import { useCallback, useEffect, useRef, useState } from "react";

interface Page<T> {
  readonly items: readonly T[];
  readonly next?: string | undefined;
}

export interface Paged<T> {
  readonly items: readonly T[];
  /** Nothing of the present question is there yet. */
  readonly loading: boolean;
  readonly more: boolean;
  readonly error: unknown;
  loadMore(): void;
  reload(): void;
  /** Changes what is shown without asking again. */
  change(how: (items: readonly T[]) => readonly T[]): void;
}

/**
 * A list that the server gives in pages. `load` must stay the same function while the question is the same; an answer to
 * an older question is dropped.
 */
export function usePaged<T>(load: (page: string | undefined) => Promise<Page<T>>): Paged<T> {
  const [items, setItems] = useState<readonly T[]>([]);
  const [next, setNext] = useState<string>();
  const [loading, setLoading] = useState(true);
  const [error, setError] = useState<unknown>();
  const question = useRef(0);

  const ask = useCallback(
    async (page: string | undefined) => {
      const mine = page === undefined ? ++question.current : question.current;
      setLoading(true);
      setError(undefined);
      try {
        const answer = await load(page);
        if (mine !== question.current) return;
        setItems((before) => (page === undefined ? answer.items : [...before, ...answer.items]));
        setNext(answer.next);
      } catch (problem) {
        if (mine === question.current) setError(problem);
      } finally {
        if (mine === question.current) setLoading(false);
      }
    },
    [load],
  );

  useEffect(() => {
    void ask(undefined);
    return () => void question.current++;
  }, [ask]);

  return {
    items,
    loading,
    error,
    more: next !== undefined,
    loadMore: () => void ask(next),
    reload: () => void ask(undefined),
    change: (how) => setItems(how),
  };
}
