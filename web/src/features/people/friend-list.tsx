import { useMemo, type ReactNode } from "react";
import {
  Flag,
  MessageSquare,
  MoreHorizontal,
  Moon,
  SearchX,
  ShieldBan,
  UserMinus,
  UserPlus,
  Users,
} from "lucide-react";
import { useLocation } from "wouter";
import type { Person, PresenceOf } from "@hubbub/client/store";
import { useFriends } from "@hubbub/client/react";
import { Button, EmptyState, IconButton, Menu, MenuItem, MenuSeparator } from "../../design/index.ts";
import styles from "./friends-screen.module.css";
import { usePersonDialogs, type Ask } from "./person-actions.tsx";
import { PersonList, PersonRow } from "./person-row.tsx";
import { isHere, presenceLine } from "./presence-words.ts";
import { nameHas } from "./relation.ts";
import { useNow } from "./use-now.ts";
import { usePresences } from "./use-presences.ts";

export interface FriendListProps {
  which: "all" | "online";
  query: string;
  search: ReactNode;
  onAdd: () => void;
}

const NONE: readonly string[] = [];

/** Friends, those who are here first: whoever looks for someone to talk to finds them at the top. */
export function FriendList({ which, query, search, onAdd }: FriendListProps) {
  const { friends } = useFriends();
  const presences = usePresences(friends.length > 0 ? friends.map((friend) => friend.id) : NONE);
  const { ask, dialog } = usePersonDialogs();
  const shown = useMemo(() => {
    const here = friends.filter((friend) => isHere(presences.get(friend.id)));
    const away = which === "all" ? friends.filter((friend) => !here.includes(friend)) : [];
    return [...here, ...away].filter((friend) => nameHas(friend.name, query));
  }, [friends, presences, which, query]);

  if (friends.length === 0) return <NoFriends onAdd={onAdd} />;
  const heading = which === "all" ? "All friends" : "Online";
  return (
    <>
      {search}
      {shown.length > 0 ? (
        <section aria-label={heading} className={styles["section"]}>
          <h2 className={styles["heading"]}>
            {heading} <span className={styles["count"]}>{shown.length}</span>
          </h2>
          <PersonList label={heading}>
            {shown.map((friend) => (
              <FriendRow key={friend.id} friend={friend} presence={presences.get(friend.id)} ask={ask} />
            ))}
          </PersonList>
        </section>
      ) : (
        <NoMatch which={which} query={query} onAdd={onAdd} />
      )}
      {dialog}
    </>
  );
}

function FriendRow({ friend, presence, ask }: { friend: Person; presence: PresenceOf | undefined; ask: Ask }) {
  const [, navigate] = useLocation();
  const now = useNow();
  return (
    <PersonRow person={friend} presence={presence?.status ?? "offline"} line={presenceLine(presence, now)}>
      <IconButton label={`Message ${friend.name}`} onClick={() => navigate(`/direct/${friend.id}`)}>
        <MessageSquare />
      </IconButton>
      <Menu
        trigger={
          <IconButton label={`More about ${friend.name}`} bare>
            <MoreHorizontal />
          </IconButton>
        }
      >
        <MenuItem icon={<UserMinus />} onSelect={() => ask("remove", friend)}>
          Remove friend
        </MenuItem>
        <MenuSeparator />
        <MenuItem icon={<ShieldBan />} tone="danger" onSelect={() => ask("block", friend)}>
          Block
        </MenuItem>
        <MenuItem icon={<Flag />} tone="danger" onSelect={() => ask("report", friend)}>
          Report
        </MenuItem>
      </Menu>
    </PersonRow>
  );
}

function NoFriends({ onAdd }: { onAdd: () => void }) {
  const [, navigate] = useLocation();
  return (
    <EmptyState
      icon={<Users />}
      title="No friends here yet"
      action={
        <>
          <Button variant="primary" icon={<UserPlus />} onClick={onAdd}>
            Add someone by name
          </Button>
          <Button onClick={() => navigate("/rooms")}>Browse rooms</Button>
        </>
      }
    >
      Friends can write to you directly and see when you are around. Add people you know, or meet some in a room.
    </EmptyState>
  );
}

function NoMatch({ which, query, onAdd }: { which: "all" | "online"; query: string; onAdd: () => void }) {
  if (which === "online" && !query.trim()) {
    return (
      <EmptyState icon={<Moon />} title="Nobody is around">
        None of your friends is online now. Leave them a message: they find it when they come back.
      </EmptyState>
    );
  }
  return (
    <EmptyState
      icon={<SearchX />}
      title={`No friend is called “${query.trim()}”`}
      action={
        <Button icon={<UserPlus />} onClick={onAdd}>
          Add a friend
        </Button>
      }
    >
      {which === "online" ? "At least nobody who is online." : "If you know the exact name, you can send a request."}
    </EmptyState>
  );
}
