import { lazy, Suspense, useSyncExternalStore } from "react";
import { Router, useLocation } from "wouter";

import { HubbubProvider } from "@hubbub/client/react";
import { Toaster } from "../design/index.ts";
import { BannedScreen, WelcomeScreen } from "../features/welcome/index.ts";
import { wasHere } from "./credential.ts";
import { useHashPlace, useHashSearch } from "./hash-places.ts";
import { ErrorBoundary } from "./error-boundary.tsx";
import { session } from "./session.ts";
import { Splash } from "./splash.tsx";
import { StoppedScreen } from "./stopped-screen.tsx";

/** Who is not logged in needs none of it. */
export const loadShell = () => import("./shell/shell.tsx");
const Shell = lazy(async () => ({ default: (await loadShell()).Shell }));

function Gate() {
  const { phase, notice, ban } = useSyncExternalStore(session.subscribe, session.get);
  const [location] = useLocation();
  if (phase === "starting") return <Splash />;
  if (phase === "banned") return <BannedScreen reason={ban?.reason} until={ban?.until} onLeave={session.leaveBan} />;
  if (phase === "stopped") return <StoppedScreen notice={notice} onResume={session.resume} />;
  if (phase === "out") {
    const first = wasHere.get() ? "login" : "signup";
    return (
      <WelcomeScreen first={first} notice={notice} invited={location.startsWith("/invite/")} onSubmit={session.enter} />
    );
  }
  return (
    <HubbubProvider client={session.client}>
      <Suspense fallback={<Splash />}>
        <Shell />
      </Suspense>
    </HubbubProvider>
  );
}

export function App() {
  return (
    <ErrorBoundary>
      <Router hook={useHashPlace} searchHook={useHashSearch}>
        <Gate />
        <Toaster />
      </Router>
    </ErrorBoundary>
  );
}
