import { useCallback, useEffect, useState } from "react";
import { CloudOff, DoorClosed, Hash } from "lucide-react";
import { useLocation } from "wouter";
import { useClient, useReadable, useStores } from "@hubbub/client/react";
import { Button, EmptyState, Page, SkeletonRows } from "../../../design/index.ts";

interface Found {
  readonly name: string;
  readonly topic: string;
  readonly members: number;
}

type Answer =
  { state: "asking" } | { state: "found"; room: Found } | { state: "gone" } | { state: "failed"; words: string };

const reasonOf = (error: unknown) =>
  typeof error === "object" && error !== null && "reason" in error ? String(error.reason) : "";
const wordsOf = (error: unknown) => (error instanceof Error ? error.message : String(error));

function useRoomToJoin(roomId: string): [Answer, () => void] {
  const client = useClient();
  const { phase } = useReadable(client.connection);
  const [answer, setAnswer] = useState<Answer>({ state: "asking" });
  const ask = useCallback(async () => {
    try {
      const { room } = await client.request("room.get", { room: roomId });
      setAnswer({ state: "found", room });
    } catch (error) {
      const isGone = reasonOf(error) === "ROOM_NOT_FOUND" || reasonOf(error) === "FIELD_INVALID";
      setAnswer(isGone ? { state: "gone" } : { state: "failed", words: wordsOf(error) });
    }
  }, [client, roomId]);
  useEffect(() => {
    // Until it is online the list of one's rooms may be incomplete: this one may be among them.
    if (phase === "online") void ask();
  }, [phase, ask]);
  return [answer, () => void ask()];
}

/** In the place of a conversation that one is not in. */
export function JoinRoom({ roomId }: { roomId: string }) {
  const { roomCommands } = useStores();
  const [, navigate] = useLocation();
  const [answer, retry] = useRoomToJoin(roomId);
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string>();
  const join = async () => {
    setBusy(true);
    setProblem(undefined);
    try {
      await roomCommands.join(roomId);
    } catch (error) {
      setProblem(wordsOf(error));
    } finally {
      setBusy(false);
    }
  };
  const title = answer.state === "found" ? `#${answer.room.name}` : "Room";
  return (
    <Page title={title} width="full" onBack={() => navigate("/")}>
      {answer.state === "asking" && <SkeletonRows rows={7} />}
      {answer.state === "found" && (
        <EmptyState
          icon={<Hash />}
          title={`You are not in #${answer.room.name}`}
          action={
            <Button variant="primary" busy={isBusy} onClick={() => void join()}>
              Join room
            </Button>
          }
        >
          {problem ?? [answer.room.topic, membersOf(answer.room.members)].filter(Boolean).join(" · ")}
        </EmptyState>
      )}
      {answer.state === "gone" && (
        <EmptyState
          icon={<DoorClosed />}
          title="There is no such room for you"
          action={<Button onClick={() => navigate("/rooms")}>Browse rooms</Button>}
        >
          It may have been deleted, or it is private and needs an invitation.
        </EmptyState>
      )}
      {answer.state === "failed" && (
        <EmptyState
          icon={<CloudOff />}
          title="The room could not be loaded"
          action={<Button onClick={retry}>Try again</Button>}
        >
          {answer.words}
        </EmptyState>
      )}
    </Page>
  );
}

const membersOf = (count: number) => (count === 1 ? "1 member" : `${count} members`);
