import { useMemo, useRef, useSyncExternalStore } from "react";
import type { PresenceOf } from "@hubbub/client/store";
import { useStores } from "@hubbub/client/react";

/** The presence of many at once, by id. What is not known yet is not in it. */
export function usePresences(users: readonly string[]): ReadonlyMap<string, PresenceOf> {
  const stores = useStores();
  const names = users.join(" ");
  const last = useRef<ReadonlyMap<string, PresenceOf>>(new Map());
  const [subscribe, get] = useMemo(() => {
    const stored = names
      .split(" ")
      .filter(Boolean)
      .map((user) => stores.presence(user));
    const follow = (listener: () => void) => {
      const stops = stored.map((presence) => presence.subscribe(listener));
      return () => {
        for (const stop of stops) stop();
      };
    };
    const read = () => {
      const values = stored.map((presence) => presence.get()).filter((value) => value !== undefined);
      const before = last.current;
      const isSame = before.size === values.length && values.every((value) => before.get(value.user) === value);
      if (!isSame) last.current = new Map(values.map((value) => [value.user, value]));
      return last.current;
    };
    return [follow, read] as const;
  }, [stores, names]);
  return useSyncExternalStore(subscribe, get);
}
