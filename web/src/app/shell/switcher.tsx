import { Search } from "lucide-react";
import { useEffect, useId, useMemo, useState, type KeyboardEvent } from "react";
import { useLocation } from "wouter";
import { useFriends, useMe, useRooms } from "@hubbub/client/react";
import { Badge, Dialog } from "../../design/index.ts";
import {
  commandDestinations,
  peopleDestinations,
  queryDestinations,
  roomDestinations,
  type Destination,
} from "./destinations.tsx";
import { useNewRoom } from "./new-room.tsx";
import { rank } from "./rank.ts";
import styles from "./switcher.module.css";

interface SwitcherProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
}

const GROUPS = ["Conversations", "People", "Commands"] as const;

/** In the order they are shown. */
function useFound(query: string): Destination[] {
  const rooms = useRooms();
  const friends = useFriends();
  const me = useMe();
  const newRoom = useNewRoom();
  const [, navigate] = useLocation();
  return useMemo(() => {
    const all = [
      ...roomDestinations(rooms, navigate),
      ...peopleDestinations(friends, rooms, navigate),
      ...commandDestinations(me, navigate, newRoom),
    ];
    const name = query.trim().replace(/^@/u, "");
    const found = [...rank(all, name, query.trim() ? 12 : 14), ...queryDestinations(query, navigate)];
    return GROUPS.flatMap((group) => found.filter((one) => one.group === group));
  }, [rooms, friends, me, newRoom, navigate, query]);
}

interface RowProps {
  item: Destination;
  id: string;
  active: boolean;
  onChoose: () => void;
  onPoint: () => void;
}

function Row({ item, id, active, onChoose, onPoint }: RowProps) {
  return (
    <div
      id={id}
      role="option"
      aria-selected={active}
      className={styles["row"]}
      onClick={onChoose}
      onPointerMove={onPoint}
      ref={(element) => {
        if (active) element?.scrollIntoView({ block: "nearest" });
      }}
    >
      <span className={styles["icon"]} aria-hidden>
        {item.icon}
      </span>
      <span className={styles["label"]}>{item.label}</span>
      <Badge
        count={item.mentions || item.unread || 0}
        tone={item.mentions ? "mention" : "plain"}
        label="unread messages"
      />
    </div>
  );
}

interface ListProps {
  id: string;
  found: readonly Destination[];
  place: number;
  onChoose: (item: Destination) => void;
  onPoint: (place: number) => void;
}

function List({ id, found, place, onChoose, onPoint }: ListProps) {
  return (
    <div id={`${id}-list`} role="listbox" aria-label="Places" className={styles["list"]}>
      {GROUPS.filter((group) => found.some((item) => item.group === group)).map((group) => (
        <div key={group} role="group" aria-label={group}>
          <div className={styles["group"]} aria-hidden>
            {group}
          </div>
          {found.map(
            (item, index) =>
              item.group === group && (
                <Row
                  key={item.id}
                  item={item}
                  id={`${id}-${index}`}
                  active={index === place}
                  onChoose={() => onChoose(item)}
                  onPoint={() => onPoint(index)}
                />
              ),
          )}
        </div>
      ))}
    </div>
  );
}

/** The keys of a list that is steered from a field. */
function steer(event: KeyboardEvent, place: number, length: number, move: (to: number) => void, choose: () => void) {
  const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
  const isEnter = event.key === "Enter" && !event.nativeEvent.isComposing;
  if (length === 0 || (step === 0 && !isEnter)) return;
  event.preventDefault();
  if (isEnter) choose();
  else move((place + step + length) % length);
}

export function Switcher({ open, onOpenChange }: SwitcherProps) {
  const [query, setQuery] = useState("");
  const [at, setAt] = useState(0);
  const id = useId();
  const found = useFound(query);
  const place = Math.min(at, found.length - 1);

  useEffect(() => {
    if (open) setQuery("");
    setAt(0);
  }, [open]);

  const choose = (item: Destination | undefined) => {
    if (!item) return;
    onOpenChange(false);
    item.go();
  };

  return (
    <Dialog open={open} onOpenChange={onOpenChange} title="Jump to" size="large" bare>
      <div className={styles["field"]}>
        <Search aria-hidden />
        <input
          role="combobox"
          aria-label="Search or jump to"
          aria-expanded="true"
          aria-controls={`${id}-list`}
          aria-autocomplete="list"
          aria-activedescendant={found[place] ? `${id}-${place}` : undefined}
          placeholder="A room, a person, a command, or words to search for"
          autoComplete="off"
          spellCheck={false}
          value={query}
          onChange={(event) => {
            setQuery(event.target.value);
            setAt(0);
          }}
          onKeyDown={(event) => steer(event, place, found.length, setAt, () => choose(found[place]))}
        />
        <kbd className={styles["escape"]} aria-hidden>
          Esc
        </kbd>
      </div>
      <List id={id} found={found} place={place} onChoose={choose} onPoint={setAt} />
    </Dialog>
  );
}
