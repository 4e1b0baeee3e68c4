import { useCallback, useEffect, useState } from "react";
import { useConnection } from "@hubbub/client/react";

export interface Loaded<T> {
  /** What was loaded last; stays while it is loaded again. */
  readonly value: T | undefined;
  readonly error: unknown;
  reload(): Promise<void>;
  /** Shows a change before the server has it. */
  change(next: (value: T) => T): void;
}

/** Loads something when the component appears, and again with the connection, so that a failure mends itself. `load` must stay the same function. */
export function useLoaded<T>(load: () => Promise<T>): Loaded<T> {
  const [value, setValue] = useState<T>();
  const [error, setError] = useState<unknown>();
  const reload = useCallback(async () => {
    setError(undefined);
    try {
      setValue(await load());
    } catch (problem) {
      setError(problem);
    }
  }, [load]);
  const isOnline = useConnection().phase === "online";
  useEffect(() => void reload(), [reload, isOnline]);
  const change = useCallback((next: (value: T) => T) => {
    setValue((now) => (now === undefined ? now : next(now)));
  }, []);
  return { value, error, reload, change };
}
