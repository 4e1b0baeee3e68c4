import { useEffect, useState } from "react";
import { useClient, useReadable, useRoom } from "@hubbub/client/react";
import type { Message } from "@hubbub/client/store";

/** Messages that stand elsewhere, asked for once while they are wanted. */
const fetched = new Map<string, Promise<Message | null>>();

/**
 * A message of a conversation, as it is now where it is loaded, else as the server tells it; `null` when it is not there
 * for this reader, nothing while it is asked for.
 */
export function useMessage(
  roomId: string,
  thread: string | undefined,
  id: string | undefined,
): Message | null | undefined {
  const client = useClient();
  const { items, loading } = useReadable(useRoom(roomId).timeline(thread));
  const here = id === undefined ? undefined : items.find((item) => item.message === id);
  const [elsewhere, setElsewhere] = useState<{ id: string; message: Message | null }>();
  const isWanted = id !== undefined && here === undefined && loading !== "first";
  useEffect(() => {
    if (!isWanted || id === undefined) return;
    let isMounted = true;
    const asked =
      fetched.get(id) ??
      client.request("message.get", { message: id }).then(
        (answer) => answer.message,
        () => null,
      );
    fetched.set(id, asked);
    void asked.then((message) => {
      fetched.delete(id);
      if (isMounted) setElsewhere({ id, message });
    });
    return () => {
      isMounted = false;
    };
  }, [client, id, isWanted]);
  return here ?? (elsewhere?.id === id ? elsewhere?.message : undefined);
}
