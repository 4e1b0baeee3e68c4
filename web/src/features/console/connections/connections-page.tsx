import { Unplug, X } from "lucide-react";
import { useCallback, useMemo, useState } from "react";
import { useLocation } from "wouter";
import { Button, ConfirmDialog, toast } from "../../../design/index.ts";
import { useConsoleApi } from "../api.ts";
import { Moment } from "../moment.tsx";
import { PersonName, usePersonName, useRemember } from "../names.tsx";
import { inWords, problemOf } from "../problem.ts";
import { SearchField } from "../search-field.tsx";
import { Section } from "../section.tsx";
import type { ConnectionRow } from "../shapes.ts";
import { DataTable, type Column } from "../table/data-table.tsx";
import { plural } from "../time-words.ts";
import { useListing, type Load } from "../use-listing.ts";
import { useRefresh } from "../use-refresh.ts";
import styles from "./connections.module.css";

const EMPTY = {
  icon: <Unplug />,
  title: "No live connection",
  text: "Whoever is connected to any gateway stands here.",
};

export interface ConnectionsPageProps {
  /** Only this person's: their id, or `@name`. */
  user: string | undefined;
}

export function ConnectionsPage({ user }: ConnectionsPageProps) {
  const api = useConsoleApi();
  const load = useCallback<Load<ConnectionRow>>((page, signal) => api.connections({ page, signal }, user), [api, user]);
  const listing = useListing(load);
  const [closing, setClosing] = useState<ConnectionRow>();
  useRemember(useMemo(() => listing.rows.map((row) => row.user), [listing.rows]));
  // Renewed only while one page is shown: more pages would fall together under the reader.
  useRefresh(() => listing.phase === "ready" && listing.rows.length <= 50 && listing.reload());
  const columns = useMemo(() => connectionColumns(setClosing), []);
  const { total } = listing;
  return (
    <Section title="Live connections" search={<UserSearch user={user} />} actions={<Count total={total} />}>
      <DataTable label="Live connections" columns={columns} listing={listing} rowKey={(row) => row.id} empty={EMPTY} />
      <DisconnectDialog
        connection={closing}
        onClose={() => setClosing(undefined)}
        onGone={(gone) => listing.change((rows) => rows.filter((row) => row.id !== gone.id))}
      />
    </Section>
  );
}

const Count = ({ total }: { total: number | undefined }) =>
  total === undefined ? null : <span className={styles["count"]}>{plural(total, "connection")}</span>;

function UserSearch({ user }: { user: string | undefined }) {
  const [, navigate] = useLocation();
  const known = usePersonName(user?.startsWith("@") ? undefined : user);
  if (user) {
    const name = known ?? user.replace(/^@/, "");
    return (
      <Button size="small" icon={<X aria-hidden />} onClick={() => navigate("/console/connections")}>
        Only {name}
      </Button>
    );
  }
  return (
    <SearchField
      label="Connections of a person"
      placeholder="Name of a person"
      onSubmit={(name) => name && navigate(`/console/connections/@${encodeURIComponent(name.replace(/^@/, ""))}`)}
    />
  );
}

const connectionColumns = (onClose: (row: ConnectionRow) => void): readonly Column<ConnectionRow>[] => [
  { id: "user", head: "Person", role: "lead", cell: (row) => <PersonName person={row.user} /> },
  { id: "address", head: "Address", role: "brief", cell: (row) => <code>{row.address}</code> },
  { id: "gateway", head: "Gateway", cell: (row) => row.gateway },
  { id: "since", head: "Connected", cell: (row) => <Moment at={row.since} /> },
  { id: "seen", head: "Last seen", cell: (row) => <Moment at={row.lastSeen} /> },
  {
    id: "act",
    head: "Actions",
    role: "act",
    cell: (row) => (
      <Button size="small" aria-label={`Disconnect ${row.user.name ?? "this person"}`} onClick={() => onClose(row)}>
        Disconnect
      </Button>
    ),
  },
];

export interface DisconnectDialogProps {
  connection: ConnectionRow | undefined;
  onClose: () => void;
  onGone: (connection: ConnectionRow) => void;
}

export function DisconnectDialog({ connection, onClose, onGone }: DisconnectDialogProps) {
  const api = useConsoleApi();
  const [shown, setShown] = useState(connection);
  if (connection && connection !== shown) setShown(connection);
  const disconnect = async () => {
    if (!shown) return;
    try {
      await api.disconnect(shown.id);
      toast({ title: "The connection is closed", tone: "good" });
    } catch (error) {
      // What has ended by itself is as it was wanted.
      if (problemOf(error).reason !== "CONNECTION_GONE") return inWords(Promise.reject(error));
      toast({ title: "The connection had ended already" });
    }
    onGone(shown);
  };
  return (
    <ConfirmDialog
      open={!!connection}
      onOpenChange={(open) => !open && onClose()}
      title={`Disconnect ${shown?.user.name ?? "this person"}?`}
      description="The connection is closed at once. Their device comes back by itself: to keep somebody out, ban them."
      confirm="Disconnect"
      onConfirm={disconnect}
    />
  );
}
