import { Compass, Plus, Search, SearchX, Unplug } from "lucide-react";
import { useCallback, useState } from "react";
import { useLocation } from "wouter";
import type { Room } from "@hubbub/client";
import { useClient } from "@hubbub/client/react";
import { Button, EmptyState, Page, SkeletonRows, TextField } from "../../design/index.ts";
import { useNewRoom } from "../../app/shell/new-room.tsx";
import { BrowseRow } from "./browse-row.tsx";
import { sayWhy } from "./refusal.ts";
import { usePaged, type Paged } from "./use-paged.ts";
import { useSettled } from "./use-settled.ts";
import styles from "./browse-screen.module.css";

const PAGE = 30;

function useRoomList(query: string): Paged<Room> {
  const client = useClient();
  const load = useCallback(
    async (page: string | undefined) => {
      const { rooms, next } = await client.request("room.list", {
        limit: PAGE,
        ...(query ? { query } : {}),
        ...(page ? { page } : {}),
      });
      return { items: rooms, next };
    },
    [client, query],
  );
  return usePaged(load);
}

function Nothing({ query }: { query: string }) {
  const newRoom = useNewRoom();
  return (
    <EmptyState
      icon={query ? <SearchX /> : <Compass />}
      title={query ? `No room is called “${query}”` : "There are no rooms yet"}
      action={
        <Button variant="primary" icon={<Plus />} onClick={newRoom}>
          {query ? "Make a room" : "Make the first one"}
        </Button>
      }
    >
      {query ? "Look for another word, or make a room of that name." : "Rooms that everyone may join stand here."}
    </EmptyState>
  );
}

function Results({ query }: { query: string }) {
  const { items, loading, more, error, loadMore, reload } = useRoomList(query);
  if (error) {
    return (
      <EmptyState
        icon={<Unplug />}
        title="The rooms could not be loaded"
        action={<Button onClick={reload}>Try again</Button>}
      >
        {sayWhy(error)}
      </EmptyState>
    );
  }
  if (items.length === 0) return loading ? <SkeletonRows rows={8} label="Loading rooms" /> : <Nothing query={query} />;
  return (
    <>
      <ul className={styles["list"]} aria-label="Rooms" aria-busy={loading}>
        {items.map((room) => (
          <BrowseRow key={room.id} room={room} />
        ))}
      </ul>
      {more && (
        <div className={styles["more"]}>
          <Button busy={loading} onClick={loadMore}>
            Show more
          </Button>
        </div>
      )}
    </>
  );
}

/** All rooms that one may see. */
export function BrowseScreen() {
  const newRoom = useNewRoom();
  const [, navigate] = useLocation();
  const [typed, setTyped] = useState("");
  const query = useSettled(typed.trim());
  return (
    <Page
      title="Browse rooms"
      icon={<Compass />}
      onBack={() => navigate("/")}
      actions={
        <Button icon={<Plus />} size="small" onClick={newRoom}>
          Make a room
        </Button>
      }
    >
      <TextField
        label="Find a room"
        hideLabel
        type="search"
        placeholder="Find a room by its name or topic"
        leading={<Search />}
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
      />
      <Results query={query} />
    </Page>
  );
}
