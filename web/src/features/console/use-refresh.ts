import { useEffect, useRef } from "react";

/** Calls when the window gets the focus, and every so often while the page can be seen. */
export function useRefresh(refresh: () => void, everyMs = 15_000) {
  const latest = useRef(refresh);
  useEffect(() => {
    latest.current = refresh;
  }, [refresh]);

  useEffect(() => {
    const ifSeen = () => {
      if (document.visibilityState === "visible") latest.current();
    };
    const timer = setInterval(ifSeen, everyMs);
    window.addEventListener("focus", ifSeen);
    document.addEventListener("visibilitychange", ifSeen);
    return () => {
      clearInterval(timer);
      window.removeEventListener("focus", ifSeen);
      document.removeEventListener("visibilitychange", ifSeen);
    };
  }, [everyMs]);
}
