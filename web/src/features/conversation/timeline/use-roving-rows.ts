import { useState, type FocusEvent, type KeyboardEvent, type RefObject } from "react";
import type { VirtualizerHandle } from "virtua";
import type { Row } from "./rows.ts";

/** Rows that a page's key passes over. */
const PAGE = 10;

const STEPS: Readonly<Record<string, number>> = { ArrowUp: -1, ArrowDown: 1, PageUp: -PAGE, PageDown: PAGE };

/** Where a key leads from a row; nothing for other keys. */
export function targetOf(key: string, from: number, count: number): number | undefined {
  if (key === "Home") return 0;
  if (key === "End") return count - 1;
  const step = STEPS[key];
  return step === undefined ? undefined : Math.min(Math.max(from + step, 0), count - 1);
}

export const rowElement = (id: string): HTMLElement | null =>
  document.querySelector<HTMLElement>(`[data-row="${CSS.escape(id)}"]`);

/** How often it is looked whether a row that was scrolled to is there. */
const TRIES = 10;

export function focusRow(id: string, tries = TRIES) {
  const element = rowElement(id);
  if (element) element.focus({ preventScroll: true });
  else if (tries > 0) requestAnimationFrame(() => focusRow(id, tries - 1));
}

/** One row takes part in the order of tabs; the arrow keys lead from row to row. */
export function useRovingRows(rows: readonly Row[], list: RefObject<VirtualizerHandle | null>) {
  const [current, setCurrent] = useState<string>();
  const index = current === undefined ? -1 : rows.findIndex((row) => row.id === current);
  const at = index < 0 ? rows.length - 1 : index;

  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    const row = (event.target as HTMLElement).closest<HTMLElement>("[data-row]");
    // Keys within a field or a menu of a row are theirs.
    if (!row || event.target !== row || event.altKey || event.ctrlKey || event.metaKey) return;
    const target = targetOf(event.key, at, rows.length);
    const next = target === undefined ? undefined : rows[target];
    if (target === undefined || !next) return;
    event.preventDefault();
    setCurrent(next.id);
    list.current?.scrollToIndex(target, { align: "nearest" });
    focusRow(next.id);
  };
  const onFocus = (event: FocusEvent<HTMLElement>) => {
    const row = event.target.closest<HTMLElement>("[data-row]");
    if (row?.dataset["row"]) setCurrent(row.dataset["row"]);
  };
  return { currentId: rows[at]?.id, currentIndex: at, isChosen: index >= 0, onKeyDown, onFocus, setCurrent };
}
