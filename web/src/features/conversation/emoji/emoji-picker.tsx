import { useEffect, useRef, useState, type KeyboardEvent } from "react";
import { Search } from "lucide-react";
import { Spinner, TextField } from "../../../design/index.ts";
import { findEmoji, loadEmoji, type EmojiGroup } from "./emoji-list.ts";
import styles from "./emoji-picker.module.css";
import { recentEmoji, rememberEmoji } from "./recent-emoji.ts";

const COLUMNS = 8;
const FOUND_MOST = 64;
const STEPS: Readonly<Record<string, number>> = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: COLUMNS, ArrowUp: -COLUMNS };

/** Moves the focus within the grids, which follow each other as one. */
function step(event: KeyboardEvent<HTMLElement>) {
  const distance = STEPS[event.key];
  if (distance === undefined) return;
  const buttons = [...event.currentTarget.querySelectorAll<HTMLButtonElement>("button[data-emoji]")];
  const at = buttons.findIndex((button) => button === document.activeElement);
  // From the search field, down leads to the first one; sideways moves its caret.
  if (at < 0 && event.key !== "ArrowDown") return;
  const next = buttons[at < 0 ? 0 : at + distance];
  if (!next) return;
  event.preventDefault();
  next.focus();
}

function Grid({
  title,
  emoji,
  onPick,
}: {
  title: string;
  emoji: EmojiGroup["emoji"];
  onPick: (emoji: string) => void;
}) {
  return (
    <section aria-label={title}>
      <h3 className={styles["title"]}>{title}</h3>
      <div className={styles["grid"]}>
        {emoji.map((each) => (
          <button
            key={each.emoji}
            type="button"
            data-emoji
            aria-label={each.name}
            title={each.name}
            onClick={() => onPick(each.emoji)}
          >
            {each.emoji}
          </button>
        ))}
      </div>
    </section>
  );
}

function useGroups() {
  const [groups, setGroups] = useState<readonly EmojiGroup[]>();
  const [isFailed, setFailed] = useState(false);
  useEffect(() => {
    let isHere = true;
    loadEmoji().then(
      (loaded) => isHere && setGroups(loaded),
      () => isHere && setFailed(true),
    );
    return () => {
      isHere = false;
    };
  }, []);
  return { groups, isFailed };
}

/** A grid of common emoji, with those used last first and a search by name. */
export function EmojiPicker({ onPick }: { onPick: (emoji: string) => void }) {
  const { groups, isFailed } = useGroups();
  const [query, setQuery] = useState("");
  const recent = useRef(recentEmoji());
  const pick = (emoji: string) => {
    rememberEmoji(emoji);
    onPick(emoji);
  };
  const found = query.trim() && groups ? findEmoji(groups, query, FOUND_MOST) : undefined;
  const named = groups?.flatMap((group) => group.emoji) ?? [];
  const last = recent.current.map(
    (emoji) => named.find((each) => each.emoji === emoji) ?? { emoji, name: emoji, words: "" },
  );
  return (
    <div className={styles["picker"]} onKeyDown={step}>
      <TextField
        label="Search emoji"
        hideLabel
        placeholder="Search emoji"
        leading={<Search />}
        value={query}
        autoComplete="off"
        onChange={(event) => setQuery(event.target.value)}
        onKeyDown={(event) => {
          const first = found?.[0];
          if (event.key === "Enter" && first) pick(first.emoji);
        }}
      />
      <div className={styles["list"]}>
        {!groups && !isFailed && <Spinner label="Loading emoji" />}
        {isFailed && <p className={styles["note"]}>The emoji could not be loaded.</p>}
        {found?.length === 0 && <p className={styles["note"]}>No emoji has that name.</p>}
        {found && found.length > 0 && <Grid title="Found" emoji={found} onPick={pick} />}
        {!found && <Grid title="Used last" emoji={last} onPick={pick} />}
        {!found && groups?.map((group) => <Grid key={group.title} {...group} onPick={pick} />)}
      </div>
    </div>
  );
}
