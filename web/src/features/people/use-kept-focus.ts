import { useEffect, useRef, type FocusEvent, type RefObject } from "react";

/**
 * Keeps the focus in a list whose focused row goes away, because what its button did took it out of the list: the row
 * that takes its place gets the focus, and the page's heading when there is none. Otherwise the keyboard would begin
 * again at the top of the page.
 */
export function useKeptFocus(list: RefObject<HTMLElement | null>, rows: number) {
  const at = useRef<number>(undefined);
  const before = useRef(rows);

  useEffect(() => {
    const isLost = rows < before.current && at.current !== undefined && document.activeElement === document.body;
    before.current = rows;
    if (!isLost) return;
    const row = list.current?.children[Math.min(at.current ?? 0, rows - 1)];
    row?.querySelector<HTMLElement>("button, a[href]")?.focus();
  }, [list, rows]);

  useEffect(
    () => () => {
      if (at.current === undefined || document.activeElement !== document.body) return;
      document.querySelector<HTMLElement>("[data-page-title]")?.focus();
    },
    [],
  );

  return (event: FocusEvent<HTMLElement>) => {
    // Dialogs and menus of a row stand elsewhere in the page, and their events come here all the same.
    const row = [...event.currentTarget.children].findIndex((child) => child.contains(event.target));
    if (row >= 0) at.current = row;
  };
}
