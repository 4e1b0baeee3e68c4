import { ArrowLeft } from "lucide-react";
import { useCallback, useEffect, useMemo, useState } from "react";
import { Link } from "wouter";
import { Avatar, Button, toast } from "../../../design/index.ts";
import { BanDialog } from "../acts/ban-dialog.tsx";
import { PersonActs } from "../acts/person-acts.tsx";
import { useConsoleApi } from "../api.ts";
import { shortId } from "../audit-words.ts";
import { LiftDialog } from "../bans/bans-page.tsx";
import { DisconnectDialog } from "../connections/connections-page.tsx";
import { CopyButton } from "../copy-button.tsx";
import { usePersonName, useRemember } from "../names.tsx";
import { problemOf } from "../problem.ts";
import { Section } from "../section.tsx";
import type { BanRow, ConnectionRow, SeenAddress, UserRow } from "../shapes.ts";
import { dateWords } from "../time-words.ts";
import { useListing, type Load } from "../use-listing.ts";
import { PersonAddresses, PersonBans, PersonConnections } from "./person-parts.tsx";
import { RoleTag, StateTag } from "./users-page.tsx";
import styles from "./users.module.css";

/** One person: who they are, what holds them back now, where they are connected, and what may be done. */
export function UserPage({ id }: { id: string }) {
  const api = useConsoleApi();
  const user = useUser(id);
  const bans = useListing(
    useCallback<Load<BanRow>>((page, signal) => api.bans({ page, signal, limit: 100 }, id), [api, id]),
  );
  const connections = useListing(
    useCallback<Load<ConnectionRow>>((page, signal) => api.connections({ page, signal }, id), [api, id]),
  );
  const own = useMemo(() => bans.rows.filter((ban) => ban.user?.id === id), [bans.rows, id]);
  const [lifting, setLifting] = useState<BanRow>();
  const [banning, setBanning] = useState<string>();
  const [closing, setClosing] = useState<ConnectionRow>();
  const addresses = useListing(
    useCallback<Load<SeenAddress>>((page, signal) => api.addresses(id, { page, signal }), [api, id]),
  );
  const renew = () => {
    bans.reload();
    connections.reload();
  };
  return (
    <Section title="Person" search={<BackLink />}>
      <div className={styles["scroll"]}>
        <div className={styles["column"]}>
          <Head id={id} user={user} ban={own[0]} onDone={renew} />
          <PersonBans listing={bans} bans={own} onLift={setLifting} />
          <PersonConnections id={id} listing={connections} onDisconnect={setClosing} />
          <PersonAddresses listing={addresses} onBan={setBanning} />
        </div>
      </div>
      <LiftDialog ban={lifting} onClose={() => setLifting(undefined)} onDone={renew} />
      <BanDialog
        range={banning}
        open={!!banning}
        onOpenChange={(open) => !open && setBanning(undefined)}
        onDone={renew}
      />
      <DisconnectDialog connection={closing} onClose={() => setClosing(undefined)} onGone={renew} />
    </Section>
  );
}

const BackLink = () => (
  <Link href="/console/users" className={styles["back"]}>
    <ArrowLeft aria-hidden />
    People
  </Link>
);

/** There is no command for one account: it is found by its name among all. */
function useUser(id: string): UserRow | undefined {
  const api = useConsoleApi();
  const name = usePersonName(id);
  const [user, setUser] = useState<UserRow>();
  useEffect(() => {
    if (!name) return;
    const controller = new AbortController();
    api.users(name, { limit: 20, signal: controller.signal }).then(
      ({ rows }) => setUser(rows.find((row) => row.id === id)),
      // The page does without: it then says less about the account.
      () => setUser(undefined),
    );
    return () => controller.abort();
  }, [api, id, name]);
  useRemember(useMemo(() => [user], [user]));
  return user;
}

interface HeadProps {
  id: string;
  user: UserRow | undefined;
  ban: BanRow | undefined;
  onDone: () => void;
}

function Head({ id, user, ban, onDone }: HeadProps) {
  const known = usePersonName(id);
  const name = user?.name ?? known ?? shortId(id);
  return (
    <header className={styles["head"]}>
      <Avatar name={name} id={id} size="large" />
      <div className={styles["words"]}>
        <h3 className={styles["name"]}>{name}</h3>
        <p className={styles["facts"]}>
          {user && <RoleTag role={user.role} />}
          {ban && <StateTag state={user?.state} ban={ban.mode} />}
          {user?.createdAt && <span>since {dateWords(user.createdAt)}</span>}
          <span>
            <code title={id}>{shortId(id)}</code>
          </span>
          <CopyButton label="Copy the id" text={id} />
        </p>
      </div>
      <div className={styles["acts"]}>
        <PersonActs person={{ id, name }} onDone={onDone} />
        <UnmuteButton id={id} name={name} />
        <Link href={`/console/audit/subject/${id}`} className={styles["log"]}>
          Audit log
        </Link>
      </div>
    </header>
  );
}

/** The server does not tell who is muted, so this is always offered; it does nothing to who is not. */
function UnmuteButton({ id, name }: { id: string; name: string }) {
  const api = useConsoleApi();
  const [isBusy, setIsBusy] = useState(false);
  const unmute = async () => {
    setIsBusy(true);
    try {
      await api.unmute(id);
      toast({ title: `${name} may write`, tone: "good" });
    } catch (error) {
      toast({ title: `${name} could not be unmuted`, body: problemOf(error).message, tone: "danger" });
    } finally {
      setIsBusy(false);
    }
  };
  return (
    <Button size="small" busy={isBusy} onClick={() => void unmute()}>
      Unmute
    </Button>
  );
}
