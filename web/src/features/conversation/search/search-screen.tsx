import { useDeferredValue, useMemo, useState, type FormEvent } from "react";
import { Search, SearchX } from "lucide-react";
import { useLocation } from "wouter";
import { useRooms } from "@hubbub/client/react";
import { useHashSearch } from "../../../app/hash-places.ts";
import { roomTitle } from "../../../app/shell/place-name.ts";
import { Button, EmptyState, Page, SelectField, SkeletonRows, TextField } from "../../../design/index.ts";
import { FoundMessage } from "./found-message.tsx";
import { wordsOf } from "./highlight.ts";
import styles from "./search-screen.module.css";
import { useFound } from "./use-found.ts";

const EVERYWHERE = "";
const QUERY_MOST = 200;

/** Where one is and what one looks for stand in the address, so that going back leads to the same results. */
function useQuest() {
  const [, navigate] = useLocation();
  const params = new URLSearchParams(useHashSearch());
  const quest = { query: params.get("q") ?? "", room: params.get("room") ?? EVERYWHERE };
  const go = (query: string, room: string) => {
    const next = new URLSearchParams({ ...(query ? { q: query } : {}), ...(room ? { room } : {}) });
    navigate(`/search?${next.toString()}`, { replace: true });
  };
  return [quest, go] as const;
}

/** Finds messages in the rooms one is in. */
export function SearchScreen() {
  const [quest, go] = useQuest();
  const [text, setText] = useState(quest.query);
  const [before, setBefore] = useState(quest.query);
  if (before !== quest.query) {
    setBefore(quest.query);
    setText(quest.query);
  }
  const rooms = useRooms();
  const [, navigate] = useLocation();
  const options = useMemo(
    () => [
      { value: EVERYWHERE, label: "Everywhere" },
      ...rooms.map((room) => ({ value: room.id, label: roomTitle(room) })),
    ],
    [rooms],
  );
  const submit = (event: FormEvent) => {
    event.preventDefault();
    go(text.trim(), quest.room);
  };
  const back = () => navigate(quest.room ? `/rooms/${quest.room}` : "/");
  return (
    <Page title="Search" onBack={back}>
      <form role="search" className={styles["form"]} onSubmit={submit}>
        <TextField
          label="Search messages"
          hideLabel
          className={styles["query"]}
          type="search"
          placeholder={'Words, "a phrase", -without'}
          leading={<Search />}
          value={text}
          maxLength={QUERY_MOST}
          autoFocus
          enterKeyHint="search"
          onChange={(event) => setText(event.target.value)}
        />
        <SelectField
          label="Where"
          hideLabel
          value={quest.room}
          options={options}
          onChange={(room) => go(text.trim(), room)}
        />
        <Button type="submit" variant="primary">
          Search
        </Button>
      </form>
      <Results query={quest.query} room={quest.room} />
    </Page>
  );
}

function Results({ query, room }: { query: string; room: string }) {
  const found = useFound(query, room);
  const messages = useDeferredValue(found.messages);
  const words = useMemo(() => wordsOf(query), [query]);
  const rooms = useRooms();
  const [, navigate] = useLocation();
  const placeOf = (id: string) => {
    const place = rooms.find((each) => each.id === id);
    return place && roomTitle(place);
  };
  if (!query) {
    return (
      <EmptyState icon={<Search />} title="Search your conversations">
        In every room and direct conversation you are in, newest first.
      </EmptyState>
    );
  }
  if (found.problem !== undefined && messages.length === 0) {
    return (
      <EmptyState icon={<SearchX />} title="The search failed" action={<Button onClick={found.more}>Try again</Button>}>
        {found.problem}
      </EmptyState>
    );
  }
  if (found.isLoading && messages.length === 0) return <SkeletonRows rows={6} label="Searching" />;
  if (messages.length === 0) {
    return (
      <EmptyState icon={<SearchX />} title={`Nothing was found for “${query}”`}>
        Whole words are found, in any case. Try fewer of them, or look everywhere.
      </EmptyState>
    );
  }
  return (
    <>
      <ul className={styles["list"]} aria-label="Found messages" aria-busy={found.isLoading}>
        {messages.map((message) => (
          <li key={message.message}>
            <FoundMessage
              message={message}
              words={words}
              place={placeOf(message.room)}
              onOpen={() => navigate(placeToOpen(message))}
            />
          </li>
        ))}
      </ul>
      {found.hasMore && (
        <div className={styles["more"]}>
          <Button busy={found.isLoading} onClick={found.more}>
            Show more
          </Button>
        </div>
      )}
    </>
  );
}

/** Where a message is shown in its place: those of a thread stand there alone. */
const placeToOpen = (message: { room: string; message: string; thread?: string }) =>
  message.thread === undefined
    ? `/rooms/${message.room}/m/${message.message}`
    : `/rooms/${message.room}/thread/${message.thread}`;
