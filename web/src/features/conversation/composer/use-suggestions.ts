import { useEffect, useState } from "react";
import type { Member } from "@hubbub/client/store";
import { findEmoji, loadEmoji, type EmojiGroup } from "../emoji/emoji-list.ts";
import { completingAt, rank, type Completing } from "./completion.ts";
import type { Editing } from "./shortcuts.ts";

export interface Suggestion {
  readonly id: string;
  /** What is put into the text. */
  readonly words: string;
  readonly label: string;
  /** The emoji, or the member whose face is shown. */
  readonly emoji?: string;
}

export interface Suggestions {
  readonly completing: Completing | undefined;
  readonly all: readonly Suggestion[];
  readonly index: number;
  readonly move: (step: number) => void;
  readonly close: () => void;
  /** Looks again what stands before the caret. */
  readonly look: (editing: Editing) => void;
}

const MOST = 8;

function useEmojiGroups(isWanted: boolean): readonly EmojiGroup[] {
  const [groups, setGroups] = useState<readonly EmojiGroup[]>([]);
  useEffect(() => {
    if (isWanted) void loadEmoji().then(setGroups, () => {});
  }, [isWanted]);
  return groups;
}

const ofMember = ({ id, name }: Member): Suggestion => ({ id, words: `@${name}`, label: name });

/** What fits the name that is being written. */
export function useSuggestions(members: readonly Member[]): Suggestions {
  const [completing, setCompleting] = useState<Completing>();
  const [index, setIndex] = useState(0);
  const groups = useEmojiGroups(completing?.kind === "emoji");

  const find = (): readonly Suggestion[] => {
    if (!completing) return [];
    const { kind, query } = completing;
    if (kind === "person") return rank(members, (member) => member.name, query, MOST).map(ofMember);
    const found = findEmoji(groups, query, MOST);
    return found.map(({ emoji, name }) => ({ id: emoji, words: emoji, label: name, emoji }));
  };
  const all = find();
  return {
    completing: all.length > 0 ? completing : undefined,
    all,
    index: Math.min(index, Math.max(all.length - 1, 0)),
    move: (step) => setIndex((before) => (before + step + all.length) % all.length),
    close: () => setCompleting(undefined),
    look: (editing) => {
      setCompleting(completingAt(editing));
      setIndex(0);
    },
  };
}
