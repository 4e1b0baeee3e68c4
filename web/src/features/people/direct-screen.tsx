import { useCallback, useEffect, useState } from "react";
import { MessageSquareOff, RefreshCw, UserPlus } from "lucide-react";
import { useLocation } from "wouter";
import { usePerson, useRooms, useStores } from "@hubbub/client/react";
import { Button, EmptyState, Page, Spinner } from "../../design/index.ts";
import { AddFriendDialog } from "./add-friend-dialog.tsx";
import styles from "./direct-screen.module.css";
import { OfflineNote } from "./offline.tsx";
import { asRefusal, refusalWords } from "./refusal-words.ts";
import { useRelation } from "./use-relation.ts";

type Attempt = { state: "opening" } | { state: "unavailable" } | { state: "failed"; words: string };

/** The way to the conversation with someone: it is found or opened, and the page goes there. */
export function DirectScreen({ user }: { user: string }) {
  const stores = useStores();
  const [, navigate] = useLocation();
  const known = useRooms().find((room) => room.kind === "direct" && room.peer === user)?.id;
  const [attempt, setAttempt] = useState<Attempt>({ state: "opening" });
  const go = useCallback((room: string) => navigate(`/rooms/${room}`, { replace: true }), [navigate]);

  const open = useCallback(async () => {
    setAttempt({ state: "opening" });
    try {
      go((await stores.roomCommands.openDirect(user)).id);
    } catch (error) {
      const isUnavailable = asRefusal(error)?.reason === "RECIPIENT_UNAVAILABLE";
      setAttempt(isUnavailable ? { state: "unavailable" } : { state: "failed", words: refusalWords(error) });
    }
  }, [stores, user, go]);

  useEffect(() => {
    // One that is in the list opens without asking, also while there is no connection.
    if (known) go(known);
    else void open();
  }, [known, go, open]);

  return (
    <Page title="Direct message" width="full" onBack={() => navigate("/friends")}>
      {attempt.state === "opening" && (
        <div className={styles["wait"]}>
          <Spinner label="Opening the conversation" />
          <OfflineNote>The conversation opens as soon as you are back.</OfflineNote>
        </div>
      )}
      {attempt.state === "unavailable" && <Unavailable user={user} />}
      {attempt.state === "failed" && (
        <EmptyState
          icon={<MessageSquareOff />}
          title="The conversation could not be opened"
          action={
            <Button icon={<RefreshCw />} onClick={() => void open()}>
              Try again
            </Button>
          }
        >
          {attempt.words}
        </EmptyState>
      )}
    </Page>
  );
}

/** Which of the reasons it is, the server does not tell anyone; what helps is the same. */
function Unavailable({ user }: { user: string }) {
  const { people } = useStores();
  const [, navigate] = useLocation();
  const person = usePerson(user);
  const relation = useRelation(user);
  const [adding, setAdding] = useState(false);
  const name = person?.name ?? "this person";
  const words = {
    blocked: "You block them. Unblock them first.",
    outgoing: "Your friend request waits for an answer. You can write once they accept.",
    incoming: "They asked to be friends. Accept, and you can write to each other.",
  }[relation as string];
  return (
    <EmptyState
      icon={<MessageSquareOff />}
      title={`You cannot write to ${name}`}
      action={
        <>
          {relation === "none" && person && (
            <Button variant="primary" icon={<UserPlus />} onClick={() => setAdding(true)}>
              Add friend
            </Button>
          )}
          {relation === "incoming" && (
            <Button variant="primary" onClick={() => void people.accept(user)}>
              Accept
            </Button>
          )}
          {relation === "blocked" && <Button onClick={() => void people.unblock(user)}>Unblock</Button>}
          <Button onClick={() => navigate("/friends")}>Go to friends</Button>
        </>
      }
    >
      {words ??
        "They may only take messages from friends, or nobody has this name any more. A friend request may help."}
      {person && <AddFriendDialog open={adding} onOpenChange={setAdding} name={person.name} />}
    </EmptyState>
  );
}
