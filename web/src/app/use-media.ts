import { useSyncExternalStore } from "react";

/** The width below which the page has one column. The style sheets say the same number. */
const PHONE = "(width < 768px)";

const query = () => window.matchMedia(PHONE);

function subscribe(listener: () => void) {
  const list = query();
  list.addEventListener("change", listener);
  return () => list.removeEventListener("change", listener);
}

/** Whether there is room for one column only. */
export function usePhone(): boolean {
  return useSyncExternalStore(subscribe, () => query().matches);
}
