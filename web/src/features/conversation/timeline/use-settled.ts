import { useEffect, useState, type RefObject } from "react";
import type { VirtualizerHandle } from "virtua";

/** So many frames in which nothing moved are rest. */
const STILL_FRAMES = 2;
/** Whatever moves for longer than this is shown moving. */
const MOST_FRAMES = 20;

/**
 * Whether the list has come to rest since it was opened. The heights of its rows are guesses until they have been laid
 * out, which takes a few frames; shown before, rows would jump.
 */
export function useSettled(list: RefObject<VirtualizerHandle | null>, hasRows: boolean, generation: number): boolean {
  const [settled, setSettled] = useState(-1);
  useEffect(() => {
    if (!hasRows) return;
    let place = "";
    let still = 0;
    let frames = 0;
    const look = () => {
      const before = place;
      place = `${list.current?.scrollOffset}/${list.current?.scrollSize}`;
      still = place === before ? still + 1 : 0;
      frames += 1;
      if (still >= STILL_FRAMES || frames >= MOST_FRAMES) setSettled(generation);
      else frame = requestAnimationFrame(look);
    };
    let frame = requestAnimationFrame(look);
    return () => cancelAnimationFrame(frame);
  }, [list, hasRows, generation]);
  return settled === generation;
}
