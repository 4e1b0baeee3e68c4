import { Check, Inbox, UserPlus, X } from "lucide-react";
import type { FriendRequest } from "@hubbub/client/store";
import { useFriends, useStores } from "@hubbub/client/react";
import { Button, EmptyState, toast } from "../../design/index.ts";
import styles from "./friends-screen.module.css";
import { PersonList, PersonRow } from "./person-row.tsx";
import { ago } from "./presence-words.ts";
import { useNow } from "./use-now.ts";

/** Requests that wait: for one's own answer, and for that of others. */
export function RequestLists({ onAdd }: { onAdd: () => void }) {
  const { incoming, outgoing } = useFriends();
  if (incoming.length === 0 && outgoing.length === 0) {
    return (
      <EmptyState
        icon={<Inbox />}
        title="Nothing waits"
        action={
          <Button icon={<UserPlus />} onClick={onAdd}>
            Add a friend
          </Button>
        }
      >
        Requests to you and from you stand here until they are answered.
      </EmptyState>
    );
  }
  return (
    <>
      {incoming.length > 0 && (
        <section aria-label="Requests to you" className={styles["section"]}>
          <h2 className={styles["heading"]}>
            To you <span className={styles["count"]}>{incoming.length}</span>
          </h2>
          <PersonList label="Requests to you">
            {incoming.map((request) => (
              <IncomingRow key={request.user.id} request={request} />
            ))}
          </PersonList>
        </section>
      )}
      {outgoing.length > 0 && (
        <section aria-label="Requests from you" className={styles["section"]}>
          <h2 className={styles["heading"]}>
            From you <span className={styles["count"]}>{outgoing.length}</span>
          </h2>
          <PersonList label="Requests from you">
            {outgoing.map((request) => (
              <OutgoingRow key={request.user.id} request={request} />
            ))}
          </PersonList>
        </section>
      )}
    </>
  );
}

function IncomingRow({ request: { user, note, at } }: { request: FriendRequest }) {
  const { people } = useStores();
  const now = useNow();
  const accept = async () => {
    const failure = await people.accept(user.id);
    if (!failure) toast({ title: `You and ${user.name} are friends now`, tone: "good" });
  };
  return (
    <PersonRow person={user} line={`Asked ${ago(at, now)}`} note={note}>
      <Button size="small" variant="primary" icon={<Check />} onClick={() => void accept()}>
        Accept
      </Button>
      <Button size="small" icon={<X />} onClick={() => void people.decline(user.id)}>
        Decline
      </Button>
    </PersonRow>
  );
}

function OutgoingRow({ request: { user, note, at } }: { request: FriendRequest }) {
  const { people } = useStores();
  const now = useNow();
  return (
    <PersonRow person={user} line={`Asked ${ago(at, now)}`} note={note}>
      <Button size="small" onClick={() => void people.cancel(user.id)}>
        Cancel
      </Button>
    </PersonRow>
  );
}
