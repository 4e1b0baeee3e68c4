import { UserSearch } from "lucide-react";
import { useCallback, useMemo, useState } from "react";
import { Avatar, Tag } from "../../../design/index.ts";
import { PAGE_LIMIT, useConsoleApi } from "../api.ts";
import { PersonName, useRemember } from "../names.tsx";
import { SearchField } from "../search-field.tsx";
import { Section } from "../section.tsx";
import type { BanMode, BanRow, UserRow } from "../shapes.ts";
import { DataTable, type Column } from "../table/data-table.tsx";
import { dateWords } from "../time-words.ts";
import { useListing, type Load } from "../use-listing.ts";
import { useSettled } from "../use-settled.ts";
import styles from "./users.module.css";

const EMPTY = { icon: <UserSearch />, title: "Nobody is called that", text: "A part of the name is enough." };

const COLUMNS: readonly Column<UserRow>[] = [
  {
    id: "name",
    head: "Name",
    role: "lead",
    width: "40%",
    cell: (user) => (
      <span className={styles["person"]}>
        <Avatar name={user.name} id={user.id} size="small" />
        <PersonName person={user} />
      </span>
    ),
  },
  { id: "role", head: "Role", role: "brief", cell: (user) => <RoleTag role={user.role} /> },
  { id: "created", head: "Since", role: "brief", cell: (user) => (user.createdAt ? dateWords(user.createdAt) : "–") },
];

/** Who of them is banned, as far as one page of bans tells; without that list the column says less, not wrong. */
function useBanModes(): ReadonlyMap<string, BanMode> {
  const api = useConsoleApi();
  const load = useCallback<Load<BanRow>>((page, signal) => api.bans({ page, signal, limit: PAGE_LIMIT }), [api]);
  const { rows } = useListing(load);
  return useMemo(() => new Map(rows.flatMap(({ user, mode }) => (user ? [[user.id, mode] as const] : []))), [rows]);
}

const columnsWith = (bans: ReadonlyMap<string, BanMode>): readonly Column<UserRow>[] => [
  ...COLUMNS.slice(0, 2),
  {
    id: "state",
    head: "State",
    role: "brief",
    cell: (user) => <StateTag state={user.state} ban={bans.get(user.id)} />,
  },
  ...COLUMNS.slice(2),
];

export function UsersPage() {
  const api = useConsoleApi();
  const [typed, setTyped] = useState("");
  const query = useSettled(typed.trim(), 250);
  const load = useCallback<Load<UserRow>>((page, signal) => api.users(query, { page, signal }), [api, query]);
  const listing = useListing(load);
  useRemember(listing.rows);
  const bans = useBanModes();
  const columns = useMemo(() => columnsWith(bans), [bans]);
  return (
    <Section
      title="People"
      search={<SearchField label="Find a person" placeholder="Part of a name" onChange={setTyped} />}
    >
      <DataTable label="People" columns={columns} listing={listing} rowKey={(user) => user.id} empty={EMPTY} />
    </Section>
  );
}

export function RoleTag({ role }: { role: string }) {
  return role === "ADMIN" ? <Tag tone="accent">Administrator</Tag> : <span>User</span>;
}

export interface StateTagProps {
  state: string | undefined;
  ban: BanMode | undefined;
}

export function StateTag({ state, ban }: StateTagProps) {
  if (ban) return <Tag tone={ban === "shadow" ? "warn" : "danger"}>{ban === "shadow" ? "In shadow" : "Banned"}</Tag>;
  const words = (state ?? "active").toLowerCase().replaceAll("_", " ");
  return words === "active" ? <span>Active</span> : <Tag tone="warn">{words}</Tag>;
}
