import { Ellipsis, UserPlus } from "lucide-react";
import { useState, type FormEvent } from "react";
import type { Member, RoomRole } from "@hubbub/client";
import { useClient, useMe, useMembers, usePresence, useRoom } from "@hubbub/client/react";
import type { RoomSummary } from "@hubbub/client/store";
import { Avatar, Button, IconButton, Menu, SkeletonRows, Tag, TextField, toast } from "../../../design/index.ts";
import { PersonLink } from "../../people/person-link.tsx";
import { reasonOf } from "../refusal.ts";
import { MemberActs, type Act } from "./member-acts.tsx";
import { MemberDialog } from "./member-dialog.tsx";
import { ROLE_NAMES, mayAct, powersOf } from "./powers.ts";
import { useAct } from "./use-act.ts";
import styles from "./room-details.module.css";

interface MembersTabProps {
  room: RoomSummary;
  role: RoomRole | undefined;
}

interface RowProps extends MembersTabProps {
  member: Member;
  onAct: (act: Act, member: Member) => void;
}

function Row({ member, room, role, onAct }: RowProps) {
  const me = useMe();
  const presence = usePresence(member.id);
  const isMe = me?.id === member.id;
  return (
    <li className={styles["row"]}>
      <Avatar id={member.id} name={member.name} size="small" presence={presence?.status ?? "offline"} />
      <span className={styles["words"]}>
        <PersonLink person={member} className={styles["who"]} side="left" />
        {(isMe || presence?.text) && <span className={styles["quiet"]}>{isMe ? "You" : presence?.text}</span>}
      </span>
      {member.role !== "member" && (
        <Tag tone={member.role === "owner" ? "accent" : "plain"}>{ROLE_NAMES[member.role]}</Tag>
      )}
      {me && mayAct(me, role, member) && (
        <Menu
          trigger={
            <IconButton label={`Actions for ${member.name}`} size="small" bare>
              <Ellipsis />
            </IconButton>
          }
        >
          <MemberActs member={member} powers={powersOf(room.kind, role)} onAct={(act) => onAct(act, member)} />
        </Menu>
      )}
    </li>
  );
}

/** Brings somebody in by name: who has an account is in at once. */
function InviteByName({ room }: { room: RoomSummary }) {
  const client = useClient();
  const [name, setName] = useState("");
  const { busy, problem, act } = useAct();
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const called = name.trim().replace(/^@/u, "");
    if (!called) return;
    const done = await act(async () => {
      try {
        await client.request("room.invite", { room: room.id, user: `@${called}` });
      } catch (error) {
        throw reasonOf(error) === "USER_NOT_FOUND" ? new Error(`There is nobody called ${called}`) : error;
      }
    });
    if (!done) return;
    setName("");
    toast({ tone: "good", title: `${called} is invited` });
  };
  return (
    <form className={styles["form"]} onSubmit={(event) => void submit(event)}>
      <TextField
        label="Invite a person by name"
        hideLabel
        placeholder="Invite a person by name"
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        leading={<UserPlus />}
        value={name}
        error={problem}
        onChange={(event) => setName(event.target.value)}
        trailing={
          name.trim() && (
            <Button type="submit" size="small" variant="quiet" busy={busy}>
              Invite
            </Button>
          )
        }
      />
    </form>
  );
}

export function MembersTab({ room, role }: MembersTabProps) {
  const members = useMembers(room.id);
  const store = useRoom(room.id).members;
  const [asked, setAsked] = useState<{ act: Act; member: Member }>();
  const [open, setOpen] = useState(false);
  const [more, setMore] = useState(true);
  const { busy, act } = useAct();
  const isPartial = more && room.members !== undefined && members.length < room.members;
  return (
    <div className={styles["tab"]}>
      {powersOf(room.kind, role).moderates && <InviteByName room={room} />}
      {members.length === 0 && <SkeletonRows rows={6} label="Loading members" />}
      <ul className={styles["rows"]} aria-label="Members">
        {members.map((member) => (
          <Row
            key={member.id}
            member={member}
            room={room}
            role={role}
            onAct={(next, whom) => {
              setAsked({ act: next, member: whom });
              setOpen(true);
            }}
          />
        ))}
      </ul>
      {isPartial && (
        <Button
          className={styles["more"]}
          size="small"
          busy={busy}
          onClick={() => void act(async () => setMore(await store.loadMore()))}
        >
          Show more
        </Button>
      )}
      {asked && (
        <MemberDialog
          key={`${asked.act}-${asked.member.id}`}
          room={room}
          act={asked.act}
          member={asked.member}
          open={open}
          onOpenChange={setOpen}
        />
      )}
    </div>
  );
}
