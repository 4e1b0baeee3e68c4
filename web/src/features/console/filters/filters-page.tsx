import { Plus, Regex } from "lucide-react";
import { useCallback, useMemo, useState, type FormEvent } from "react";
import { Button, ConfirmDialog, SelectField, Tag, TextField, toast } from "../../../design/index.ts";
import { useConsoleApi } from "../api.ts";
import { Moment } from "../moment.tsx";
import { PersonName, useRemember } from "../names.tsx";
import { inWords, problemOf } from "../problem.ts";
import { Section } from "../section.tsx";
import type { FilterAction, FilterRow } from "../shapes.ts";
import { DataTable, type Column } from "../table/data-table.tsx";
import { useListing, type Load } from "../use-listing.ts";
import styles from "./filters.module.css";

const EMPTY = {
  icon: <Regex />,
  title: "No word is filtered",
  text: "A filter refuses messages with a word or phrase in them, or puts them into the queue of reports.",
};

const ACTION_OPTIONS = [
  { value: "refuse", label: "Refuse the message" },
  { value: "alert", label: "Only report it" },
] as const;

export function FiltersPage() {
  const api = useConsoleApi();
  const load = useCallback<Load<FilterRow>>(async (_page, signal) => ({ rows: await api.filters(signal) }), [api]);
  const listing = useListing(load);
  const [removing, setRemoving] = useState<FilterRow>();
  useRemember(useMemo(() => listing.rows.map((filter) => filter.by), [listing.rows]));
  const columns = useMemo(() => filterColumns(setRemoving), []);
  const isMissing = listing.problem?.kind === "missing";
  return (
    <Section title="Word filters">
      {!isMissing && <NewFilter onDone={listing.reload} />}
      <DataTable
        label="Word filters"
        columns={columns}
        listing={listing}
        rowKey={(filter) => filter.id}
        empty={EMPTY}
      />
      <RemoveDialog filter={removing} onClose={() => setRemoving(undefined)} onDone={listing.reload} />
    </Section>
  );
}

const filterColumns = (onRemove: (filter: FilterRow) => void): readonly Column<FilterRow>[] => [
  { id: "pattern", head: "Word or phrase", role: "lead", width: "36%", cell: ({ pattern }) => <code>{pattern}</code> },
  {
    id: "action",
    head: "What happens",
    role: "brief",
    cell: ({ action }) => (
      <Tag tone={action === "refuse" ? "danger" : "warn"}>{action === "refuse" ? "Refused" : "Reported"}</Tag>
    ),
  },
  { id: "by", head: "By", cell: ({ by }) => by && <PersonName person={by} /> },
  { id: "at", head: "Since", cell: ({ at }) => <Moment at={at} /> },
  {
    id: "act",
    head: "Actions",
    role: "act",
    cell: (filter) => (
      <Button size="small" aria-label={`Remove ${filter.pattern}`} onClick={() => onRemove(filter)}>
        Remove
      </Button>
    ),
  },
];

function NewFilter({ onDone }: { onDone: () => void }) {
  const api = useConsoleApi();
  const [pattern, setPattern] = useState("");
  const [action, setAction] = useState<FilterAction>("refuse");
  const [isBusy, setIsBusy] = useState(false);
  const [trouble, setTrouble] = useState<string>();
  const add = async (event: FormEvent) => {
    event.preventDefault();
    if (pattern.trim() === "" || isBusy) return;
    setIsBusy(true);
    setTrouble(undefined);
    try {
      await api.addFilter(pattern.trim(), action);
      toast({ title: `“${pattern.trim()}” is filtered`, tone: "good" });
      setPattern("");
      onDone();
    } catch (error) {
      setTrouble(problemOf(error).message);
    } finally {
      setIsBusy(false);
    }
  };
  return (
    <form className={styles["new"]} onSubmit={(event) => void add(event)}>
      <TextField
        label="Word or phrase"
        className={styles["pattern"]}
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        value={pattern}
        hint="* stands for any letters. Case, accents and look-alike letters make no difference."
        error={trouble}
        onChange={(event) => setPattern(event.target.value)}
      />
      <SelectField label="What happens" value={action} options={ACTION_OPTIONS} onChange={setAction} />
      <Button
        type="submit"
        variant="primary"
        busy={isBusy}
        disabled={pattern.trim() === ""}
        icon={<Plus aria-hidden />}
      >
        Add
      </Button>
    </form>
  );
}

interface RemoveDialogProps {
  filter: FilterRow | undefined;
  onClose: () => void;
  onDone: () => void;
}

function RemoveDialog({ filter, onClose, onDone }: RemoveDialogProps) {
  const api = useConsoleApi();
  const [shown, setShown] = useState(filter);
  if (filter && filter !== shown) setShown(filter);
  const remove = async () => {
    if (!shown) return;
    await inWords(api.removeFilter(shown.id));
    toast({ title: `“${shown.pattern}” is no longer filtered`, tone: "good" });
    onDone();
  };
  return (
    <ConfirmDialog
      open={!!filter}
      onOpenChange={(open) => !open && onClose()}
      title={`Remove “${shown?.pattern ?? ""}”?`}
      description="Messages with it go through again, in every room."
      confirm="Remove"
      onConfirm={remove}
    />
  );
}
