import { useEffect, useState } from "react";
import { dayOf } from "./times.ts";

/** A day and a bit: whatever the clocks do, that is in the next day. */
const NEXT_MS = 25 * 3_600_000;

/** The present day; renders again after midnight, so that "Today" stays true. */
export function useToday(): number {
  const [today, setToday] = useState(() => dayOf(Date.now()));
  useEffect(() => {
    const wait = dayOf(today + NEXT_MS) - Date.now();
    const timer = setTimeout(() => setToday(dayOf(Date.now())), Math.max(wait, 1_000));
    return () => clearTimeout(timer);
  }, [today]);
  return today;
}
