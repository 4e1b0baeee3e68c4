import { lazy, Suspense, useEffect, useRef, useState } from "react";
import { useLocation } from "wouter";
import { useConnection } from "@hubbub/client/react";
import { TooltipProvider } from "../../design/index.ts";
import { BrowserNotices } from "../../features/notifications/browser-notices.tsx";
import { ErrorBoundary } from "../error-boundary.tsx";
import { Routes } from "../routes.tsx";
import { usePhone } from "../use-media.ts";
import { ConnectionNote } from "./connection-note.tsx";
import { NewRoomProvider } from "./new-room.tsx";
import { Sidebar } from "./sidebar.tsx";
import { TabBar } from "./tab-bar.tsx";
import { usePageTitle } from "./use-page-title.ts";
import { useFailureToasts } from "./use-failure-toasts.ts";
import { useFocusOnRoute } from "./use-focus-on-route.ts";
import styles from "./shell.module.css";

const Switcher = lazy(() => import("./switcher.tsx").then((module) => ({ default: module.Switcher })));

/** The places that a phone's bar at the bottom leads to; all others have a way back instead. */
const ROOTS = new Set(["/", "/friends", "/notifications", "/settings"]);

function useSwitcher() {
  const [open, setOpen] = useState(false);
  // It stays in the page after its first use, so that it can close in its own time.
  const [wanted, setWanted] = useState(false);
  const change = (next: boolean) => {
    if (next) setWanted(true);
    setOpen(next);
  };
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey) || event.shiftKey || event.altKey)
        return;
      event.preventDefault();
      setWanted(true);
      setOpen((now) => !now);
    };
    window.addEventListener("keydown", listen);
    return () => window.removeEventListener("keydown", listen);
  }, []);
  return { open, wanted, change };
}

export function Shell() {
  const { phase } = useConnection();
  const [path] = useLocation();
  const isPhone = usePhone();
  const switcher = useSwitcher();
  const main = useRef<HTMLElement>(null);
  usePageTitle();
  useFailureToasts();
  useFocusOnRoute(main);

  const isList = isPhone && path === "/";
  const sidebar = <Sidebar onSearch={() => switcher.change(true)} />;
  return (
    <TooltipProvider delay={400}>
      <NewRoomProvider>
        <div className={styles["shell"]} data-connection={phase}>
          <button type="button" className={styles["skip"]} onClick={() => main.current?.focus()}>
            Skip to the content
          </button>
          {!isPhone && sidebar}
          <main ref={main} tabIndex={-1} className={styles["main"]}>
            {isList ? (
              sidebar
            ) : (
              <ErrorBoundary place={path}>
                <Routes />
              </ErrorBoundary>
            )}
            {isPhone && <ConnectionNote floats />}
            <BrowserNotices />
          </main>
          {isPhone && ROOTS.has(path) && <TabBar />}
          {switcher.wanted && (
            <Suspense>
              <Switcher open={switcher.open} onOpenChange={switcher.change} />
            </Suspense>
          )}
        </div>
      </NewRoomProvider>
    </TooltipProvider>
  );
}
