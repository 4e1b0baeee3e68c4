import { useEffect, useRef, type RefObject } from "react";
import { useLocation } from "wouter";

/**
 * A new place is told to screen readers and the keyboard begins there: its heading gets the focus, unless the place gave
 * the focus to something of its own, such as a composer. A screen may take a moment to load, so this looks twice.
 */
export function useFocusOnRoute(main: RefObject<HTMLElement | null>) {
  const [path] = useLocation();
  const before = useRef(path);
  useEffect(() => {
    if (before.current === path) return;
    before.current = path;
    // Where the focus was when the place changed, or was put since: whoever has moved on by themselves is left alone.
    let left = document.activeElement;
    const aim = () => {
      const area = main.current;
      const active = document.activeElement;
      const isElsewhere = active?.closest("[role=dialog], [role=menu]");
      const isSettled = area?.contains(active) && active !== area;
      const hasMovedOn = active !== left && active !== document.body;
      if (!area || isElsewhere || isSettled || hasMovedOn) return;
      left = area.querySelector<HTMLElement>("[data-page-title], h1[tabindex]") ?? area;
      if (left instanceof HTMLElement) left.focus({ preventScroll: true });
    };
    const timers = [setTimeout(aim, 60), setTimeout(aim, 600)];
    return () => timers.forEach((timer) => clearTimeout(timer));
  }, [path, main]);
}
