import { useCallback, useEffect, useRef, useState } from "react";
import { useClient } from "@hubbub/client/react";
import type { Message } from "@hubbub/client/store";

interface Found {
  readonly messages: readonly Message[];
  readonly isLoading: boolean;
  readonly hasMore: boolean;
  readonly problem?: string;
}

const PAGE = 30;
const NOTHING: Found = { messages: [], isLoading: false, hasMore: false };

/** What a search finds, page by page. A new search takes the place of the one before, whatever that still answers. */
export function useFound(query: string, room: string): Found & { more: () => void } {
  const client = useClient();
  const [found, setFound] = useState<Found>(NOTHING);
  const next = useRef<string>(undefined);
  const running = useRef<AbortController>(undefined);

  const more = useCallback(async () => {
    running.current?.abort();
    const control = new AbortController();
    running.current = control;
    setFound(({ messages, hasMore }) => ({ messages, hasMore, isLoading: true }));
    const page = next.current === undefined ? {} : { page: next.current };
    const place = room ? { room } : {};
    try {
      const { signal } = control;
      const answer = await client.request("message.search", { query, limit: PAGE, ...place, ...page }, { signal });
      if (signal.aborted) return;
      next.current = answer.next;
      setFound(({ messages }) => ({
        messages: [...messages, ...answer.messages],
        isLoading: false,
        hasMore: answer.next !== undefined,
      }));
    } catch (error) {
      if (control.signal.aborted) return;
      const problem = error instanceof Error ? error.message : String(error);
      setFound((before) => ({ ...before, isLoading: false, problem }));
    }
  }, [client, query, room]);

  useEffect(() => {
    next.current = undefined;
    setFound(query ? { ...NOTHING, isLoading: true } : NOTHING);
    if (query) void more();
    return () => running.current?.abort();
  }, [query, more]);
  return { ...found, more: () => void more() };
}
