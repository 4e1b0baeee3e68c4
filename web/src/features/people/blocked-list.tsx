import { ShieldCheck } from "lucide-react";
import { useBlocks, useStores } from "@hubbub/client/react";
import { Button, EmptyState, toast } from "../../design/index.ts";
import styles from "./friends-screen.module.css";
import { PersonList, PersonRow } from "./person-row.tsx";
import { ago } from "./presence-words.ts";
import { useNow } from "./use-now.ts";

/** Whom one wants to see nothing of. `bare` where a heading says so already. */
export function BlockedList({ bare }: { bare?: boolean | undefined }) {
  const blocks = useBlocks();
  const { people } = useStores();
  const now = useNow();
  const unblock = async (user: string, name: string) => {
    const failure = await people.unblock(user);
    if (!failure) toast({ title: `${name} is not blocked any more` });
  };
  if (blocks.length === 0) {
    return (
      <EmptyState icon={<ShieldCheck />} title="Nobody is blocked">
        You can block someone from their profile: click a name anywhere. They are never told.
      </EmptyState>
    );
  }
  const list = (
    <PersonList label="Blocked people">
      {blocks.map(({ user, mutual, at }) => (
        <PersonRow key={user.id} person={user} line={`Blocked ${ago(at, now)}${mutual ? ", both ways" : ""}`}>
          <Button size="small" onClick={() => void unblock(user.id, user.name)}>
            Unblock
          </Button>
        </PersonRow>
      ))}
    </PersonList>
  );
  if (bare) return list;
  return (
    <section aria-label="Blocked people" className={styles["section"]}>
      <h2 className={styles["heading"]}>
        Blocked <span className={styles["count"]}>{blocks.length}</span>
      </h2>
      {list}
    </section>
  );
}
