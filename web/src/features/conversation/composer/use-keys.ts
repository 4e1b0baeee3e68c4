import type { KeyboardEvent } from "react";
import type { Timeline } from "@hubbub/client/store";
import type { Mode } from "./mode-bar.tsx";
import { markOf, toggleMark, type Editing } from "./shortcuts.ts";
import type { Draft } from "./use-draft.ts";
import type { Suggestion, Suggestions } from "./use-suggestions.ts";

interface KeysOf {
  draft: Draft;
  put: (editing: Editing) => void;
  mode: Mode | undefined;
  onMode: (mode: Mode | undefined) => void;
  submit: () => void;
  suggestions: Suggestions;
  choose: (suggestion: Suggestion) => void;
  timeline: Timeline;
  me: string;
}

/** Keys that an input method takes are not the composer's: the first Enter ends the word, not the message. */
const isComposing = (event: KeyboardEvent) => event.nativeEvent.isComposing || event.keyCode === 229;

/** On a phone's keyboard Enter begins a line: the button sends. */
const hasKeyboard = () => !window.matchMedia("(pointer: coarse) and (hover: none)").matches;

/** Keys of the open list of suggestions. */
function suggest(event: KeyboardEvent, { suggestions, choose }: KeysOf): boolean {
  if (!suggestions.completing) return false;
  const chosen = suggestions.all[suggestions.index];
  if (event.key === "ArrowDown") suggestions.move(1);
  else if (event.key === "ArrowUp") suggestions.move(-1);
  else if (event.key === "Escape") suggestions.close();
  else if ((event.key === "Enter" || event.key === "Tab") && !event.shiftKey && chosen) choose(chosen);
  else return false;
  return true;
}

function mark(event: KeyboardEvent, { draft, put }: KeysOf): boolean {
  const found = event.ctrlKey || event.metaKey ? markOf(event.key) : undefined;
  if (found === undefined || event.altKey || event.shiftKey) return false;
  put(toggleMark(draft.now(), found));
  return true;
}

/** Up in an empty field changes the last message of one's own. */
function editLast(event: KeyboardEvent, { draft, mode, onMode, timeline, me }: KeysOf): boolean {
  if (event.key !== "ArrowUp" || draft.text || mode) return false;
  const last = timeline.items.findLast((item) => item.author.id === me && item.status === "sent" && !item.deleted);
  if (!last) return false;
  onMode({ kind: "edit", message: last });
  return true;
}

function finish(event: KeyboardEvent, { mode, onMode, submit }: KeysOf): boolean {
  if (event.key === "Enter" && !event.shiftKey && !event.altKey && hasKeyboard()) submit();
  else if (event.key === "Escape" && mode) onMode(undefined);
  else return false;
  return true;
}

/** What the composer's keys do, the most particular first. */
export function useKeys(keys: KeysOf): (event: KeyboardEvent) => void {
  return (event) => {
    if (isComposing(event)) return;
    const isTaken = [suggest, mark, editLast, finish].some((handle) => handle(event, keys));
    if (!isTaken) return;
    event.preventDefault();
    event.stopPropagation();
  };
}
