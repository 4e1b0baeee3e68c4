import { useState, type ReactNode } from "react";
import { Search, UserPlus, Users, X } from "lucide-react";
import { useFriends } from "@hubbub/client/react";
import { Button, IconButton, Page, SkeletonRows, Tabs, TextField } from "../../design/index.ts";
import { AddFriendDialog } from "./add-friend-dialog.tsx";
import { BlockedList } from "./blocked-list.tsx";
import { FriendList } from "./friend-list.tsx";
import styles from "./friends-screen.module.css";
import { NeedsConnection, OfflineNote } from "./offline.tsx";
import { RequestLists } from "./request-lists.tsx";

type Tab = "all" | "online" | "pending" | "blocked";

/** The people one knows: friends, those who wait for an answer, and those one wants to hear nothing of. */
export function FriendsScreen() {
  const friends = useFriends();
  const [tab, setTab] = useState<Tab>("all");
  const [query, setQuery] = useState("");
  const [adding, setAdding] = useState(false);
  const onAdd = () => setAdding(true);
  const seen = { query, onAdd };
  const panel = (content: ReactNode) => (
    <div className={styles["panel"]}>
      {friends.loaded ? content : <NeedsConnection what="Your friends" waiting={<SkeletonRows rows={6} />} />}
    </div>
  );

  return (
    <Page
      title="Friends"
      icon={<Users />}
      actions={
        <Button variant="primary" size="small" icon={<UserPlus />} onClick={onAdd}>
          Add friend
        </Button>
      }
    >
      <Tabs
        label="Which people"
        value={tab}
        onChange={setTab}
        items={[
          { value: "all", label: "All", panel: panel(<FriendList {...seen} which="all" search={search()} />) },
          { value: "online", label: "Online", panel: panel(<FriendList {...seen} which="online" search={search()} />) },
          {
            value: "pending",
            label: "Pending",
            count: friends.incoming.length,
            panel: panel(<RequestLists onAdd={onAdd} />),
          },
          { value: "blocked", label: "Blocked", panel: panel(<BlockedList />) },
        ]}
      />
      <OfflineNote>You see whom you knew last. Answers, requests and removals need the connection.</OfflineNote>
      <AddFriendDialog open={adding} onOpenChange={setAdding} />
    </Page>
  );

  function search() {
    return <PeopleSearch query={query} onChange={setQuery} />;
  }
}

function PeopleSearch({ query, onChange }: { query: string; onChange: (query: string) => void }) {
  return (
    <TextField
      label="Find a friend"
      hideLabel
      type="search"
      placeholder="Find a friend"
      leading={<Search />}
      value={query}
      autoComplete="off"
      onChange={(event) => onChange(event.target.value)}
      onKeyDown={(event) => {
        if (event.key === "Escape") onChange("");
      }}
      trailing={
        query && (
          <IconButton label="Clear" size="small" bare onClick={() => onChange("")}>
            <X />
          </IconButton>
        )
      }
    />
  );
}
