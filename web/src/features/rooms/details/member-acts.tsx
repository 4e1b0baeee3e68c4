import { Crown, MicOff, ShieldBan, ShieldMinus, ShieldPlus, UserMinus } from "lucide-react";
import type { Member } from "@hubbub/client";
import { MenuItem, MenuSeparator } from "../../../design/index.ts";
import type { Powers } from "./powers.ts";

/** What can be done to a member. */
export type Act = "promote" | "demote" | "transfer" | "mute" | "kick" | "ban";

interface MemberActsProps {
  member: Member;
  powers: Powers;
  onAct: (act: Act) => void;
}

export function MemberActs({ member, powers, onAct }: MemberActsProps) {
  return (
    <>
      {powers.owns && (
        <>
          {member.role === "member" && (
            <MenuItem icon={<ShieldPlus />} onSelect={() => onAct("promote")}>
              Make a moderator
            </MenuItem>
          )}
          {member.role === "moderator" && (
            <MenuItem icon={<ShieldMinus />} onSelect={() => onAct("demote")}>
              Make a plain member
            </MenuItem>
          )}
          <MenuItem icon={<Crown />} onSelect={() => onAct("transfer")}>
            Hand the room over…
          </MenuItem>
          <MenuSeparator />
        </>
      )}
      <MenuItem icon={<MicOff />} onSelect={() => onAct("mute")}>
        Mute…
      </MenuItem>
      <MenuItem icon={<UserMinus />} tone="danger" onSelect={() => onAct("kick")}>
        Kick…
      </MenuItem>
      {powers.moderates && (
        <MenuItem icon={<ShieldBan />} tone="danger" onSelect={() => onAct("ban")}>
          Ban from this room…
        </MenuItem>
      )}
    </>
  );
}
