import { Plus, ShieldCheck } from "lucide-react";
import { useCallback, useMemo, useState } from "react";
import { Button, ConfirmDialog, Tag, toast } from "../../../design/index.ts";
import { BanDialog } from "../acts/ban-dialog.tsx";
import { useConsoleApi } from "../api.ts";
import { MODE_WORDS } from "../ban-words.ts";
import { Moment } from "../moment.tsx";
import { PersonName, usePersonName, useRemember } from "../names.tsx";
import { inWords } from "../problem.ts";
import { Section } from "../section.tsx";
import type { BanRow } from "../shapes.ts";
import { DataTable, type Column } from "../table/data-table.tsx";
import { untilWords } from "../time-words.ts";
import { useListing, type Load } from "../use-listing.ts";
import { useNow } from "../use-now.ts";

const EMPTY = {
  icon: <ShieldCheck />,
  title: "Nobody is banned",
  text: "Bans of accounts and of addresses stand here.",
};

/** What a ban is about, as text. */
const banTarget = (ban: BanRow): string => ban.cidr ?? ban.user?.name ?? "this account";

export function BansPage() {
  const api = useConsoleApi();
  const load = useCallback<Load<BanRow>>((page, signal) => api.bans({ page, signal }), [api]);
  const listing = useListing(load);
  const [isNew, setIsNew] = useState(false);
  const [lifting, setLifting] = useState<BanRow>();
  useRemember(useMemo(() => listing.rows.flatMap((ban) => [ban.user, ban.by]), [listing.rows]));
  const columns = useBanColumns(setLifting);
  return (
    <Section
      title="Bans in force"
      actions={
        <Button size="small" variant="primary" icon={<Plus aria-hidden />} onClick={() => setIsNew(true)}>
          New ban
        </Button>
      }
    >
      <DataTable label="Bans" columns={columns} listing={listing} rowKey={(ban) => ban.id} empty={EMPTY} />
      <BanDialog open={isNew} onOpenChange={setIsNew} onDone={listing.reload} />
      <LiftDialog
        ban={lifting}
        onClose={() => setLifting(undefined)}
        onDone={(ban) => listing.change((rows) => rows.filter((row) => row.id !== ban.id))}
      />
    </Section>
  );
}

function useBanColumns(onLift: (ban: BanRow) => void): readonly Column<BanRow>[] {
  const now = useNow();
  return [
    {
      id: "target",
      head: "Banned",
      role: "lead",
      cell: (ban) => (ban.cidr ? <code>{ban.cidr}</code> : ban.user && <PersonName person={ban.user} />),
    },
    { id: "mode", head: "Mode", role: "brief", cell: (ban) => <ModeTag ban={ban} /> },
    { id: "reason", head: "Reason", width: "30%", cell: (ban) => ban.reason },
    { id: "until", head: "Until", role: "brief", cell: (ban) => untilWords(ban.until, now) },
    { id: "by", head: "By", cell: (ban) => ban.by && <PersonName person={ban.by} /> },
    { id: "at", head: "Since", cell: (ban) => <Moment at={ban.at} /> },
    {
      id: "act",
      head: "Actions",
      role: "act",
      cell: (ban) => <LiftButton ban={ban} onLift={onLift} />,
    },
  ];
}

function LiftButton({ ban, onLift }: { ban: BanRow; onLift: (ban: BanRow) => void }) {
  const name = usePersonName(ban.user?.id);
  return (
    <Button size="small" aria-label={`Lift the ban of ${name ?? banTarget(ban)}`} onClick={() => onLift(ban)}>
      Lift
    </Button>
  );
}

export function ModeTag({ ban }: { ban: BanRow }) {
  return <Tag tone={ban.mode === "shadow" ? "warn" : "danger"}>{MODE_WORDS[ban.mode].label}</Tag>;
}

export interface LiftDialogProps {
  /** Which; none closes it. */
  ban: BanRow | undefined;
  onClose: () => void;
  onDone: (ban: BanRow) => void;
}

export function LiftDialog({ ban, onClose, onDone }: LiftDialogProps) {
  const api = useConsoleApi();
  const [shown, setShown] = useState(ban);
  // While it fades away it still says of whom.
  if (ban && ban !== shown) setShown(ban);
  const name = usePersonName(shown?.user?.id);
  const target = shown ? (shown.cidr ?? name ?? banTarget(shown)) : "";
  const lift = async () => {
    if (!shown) return;
    await inWords(api.unban({ ban: shown.id }));
    toast({ title: `The ban of ${target} is lifted`, tone: "good" });
    onDone(shown);
  };
  return (
    <ConfirmDialog
      open={!!ban}
      onOpenChange={(open) => !open && onClose()}
      title="Lift this ban?"
      description={shown && liftWords(shown, target)}
      confirm="Lift the ban"
      tone="plain"
      onConfirm={lift}
    />
  );
}

function liftWords({ cidr, mode }: BanRow, target: string): string {
  if (cidr) return `${target} may be used again at once.`;
  return mode === "shadow"
    ? `Others see again what ${target} writes from now on.`
    : `${target} can log in again at once.`;
}
