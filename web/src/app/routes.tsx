import { Suspense } from "react";
import { Redirect, Route, Switch } from "wouter";
import { useRooms } from "@hubbub/client/react";
import { Skeleton, SkeletonRows } from "../design/index.ts";
import { lastRoom } from "./last-room.ts";
import { NotFound } from "./not-found.tsx";
import {
  BrowseScreen,
  ConsoleScreen,
  ConversationScreen,
  DirectScreen,
  FriendsScreen,
  InviteScreen,
  NotificationsScreen,
  SearchScreen,
  SettingsScreen,
} from "./screens.tsx";
import styles from "./routes.module.css";

/** What a screen will look like, until its code is there. */
function ScreenSkeleton() {
  return (
    <div className={styles["skeleton"]}>
      <div className={styles["bar"]}>
        <Skeleton width="160px" height="16px" />
      </div>
      <SkeletonRows rows={6} />
    </div>
  );
}

/** The room of last time, if it is still there. */
function Home() {
  const rooms = useRooms();
  const last = lastRoom.get();
  const known = rooms.some((room) => room.id === last);
  return <Redirect to={last && known ? `/rooms/${last}` : "/rooms"} replace />;
}

export function Routes() {
  return (
    <Suspense fallback={<ScreenSkeleton />}>
      <Switch>
        <Route path="/">{() => <Home />}</Route>
        <Route path="/welcome">{() => <Redirect to="/" replace />}</Route>
        <Route path="/rooms">{() => <BrowseScreen />}</Route>
        <Route path="/rooms/:id">{({ id }) => <ConversationScreen key={id} roomId={id} />}</Route>
        <Route path="/rooms/:id/thread/:thread">
          {({ id, thread }) => <ConversationScreen key={id} roomId={id} thread={thread} />}
        </Route>
        <Route path="/rooms/:id/m/:message">
          {({ id, message }) => <ConversationScreen key={id} roomId={id} message={message} />}
        </Route>
        <Route path="/direct/:user">{({ user }) => <DirectScreen key={user} user={user} />}</Route>
        <Route path="/friends">{() => <FriendsScreen />}</Route>
        <Route path="/notifications">{() => <NotificationsScreen />}</Route>
        <Route path="/search">{() => <SearchScreen />}</Route>
        <Route path="/settings/*?">{() => <SettingsScreen />}</Route>
        <Route path="/invite/:code">{({ code }) => <InviteScreen key={code} code={code} />}</Route>
        <Route path="/console/*?">{() => <ConsoleScreen />}</Route>
        <Route>{() => <NotFound />}</Route>
      </Switch>
    </Suspense>
  );
}
