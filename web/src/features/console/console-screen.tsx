import { useMe } from "@hubbub/client/react";
import { ShieldCheck } from "lucide-react";
import { Redirect, Route, Switch, useLocation } from "wouter";
import { EmptyState, Page } from "../../design/index.ts";
import { AuditPage } from "./audit/audit-page.tsx";
import { BansPage } from "./bans/bans-page.tsx";
import { ConnectionsPage } from "./connections/connections-page.tsx";
import { ConsoleNav } from "./console-nav.tsx";
import { DeliveryPage } from "./delivery/delivery-page.tsx";
import { FiltersPage } from "./filters/filters-page.tsx";
import { DirectoryProvider } from "./names.tsx";
import { OverviewPage } from "./overview/overview-page.tsx";
import { ReportsPage } from "./reports/reports-page.tsx";
import { UserPage } from "./users/user-page.tsx";
import { UsersPage } from "./users/users-page.tsx";
import styles from "./console-screen.module.css";

/** Where administrators watch over the installation. The server decides; this only spares others a row of refusals. */
export function ConsoleScreen() {
  const me = useMe();
  const [, navigate] = useLocation();
  const back = () => navigate("/rooms");
  if (me?.role !== "ADMIN") {
    return (
      <Page title="Console" width="full" onBack={back}>
        <EmptyState icon={<ShieldCheck />} title="For administrators">
          This part of Hubbub is for the people who look after it. Ask one of them if something needs looking into.
        </EmptyState>
      </Page>
    );
  }
  return (
    <Page title="Console" width="full" icon={<ShieldCheck />} onBack={back}>
      <DirectoryProvider>
        <div className={styles["console"]}>
          <ConsoleNav />
          <Sections />
        </div>
      </DirectoryProvider>
    </Page>
  );
}

function Sections() {
  return (
    <Switch>
      <Route path="/console/overview">{() => <OverviewPage />}</Route>
      <Route path="/console/reports/:state?/:id?">
        {({ state, id }) => <ReportsPage key={state ?? "open"} state={state} id={id} />}
      </Route>
      <Route path="/console/users">{() => <UsersPage />}</Route>
      <Route path="/console/users/:id">{({ id }) => <UserPage key={id} id={id} />}</Route>
      <Route path="/console/bans">{() => <BansPage />}</Route>
      <Route path="/console/audit/:by?/:value?">
        {({ by, value }) => <AuditPage key={`${by}/${value}`} by={by} value={value} />}
      </Route>
      <Route path="/console/connections/:user?">{({ user }) => <ConnectionsPage key={user} user={user} />}</Route>
      <Route path="/console/delivery/:message?/:user?">
        {({ message, user }) => <DeliveryPage key={`${message}/${user}`} message={message} user={user} />}
      </Route>
      <Route path="/console/filters">{() => <FiltersPage />}</Route>
      <Route>{() => <Redirect to="/console/overview" replace />}</Route>
    </Switch>
  );
}
