import { Check, Flag, MessageSquare, ShieldBan, ShieldCheck, UserMinus, UserPlus, X } from "lucide-react";
import { useLocation } from "wouter";
import type { Person } from "@hubbub/client/store";
import { usePresence, useStores } from "@hubbub/client/react";
import { Avatar, Button, Tag } from "../../design/index.ts";
import type { Ask } from "./person-actions.tsx";
import { presenceState } from "./presence-words.ts";
import styles from "./profile-card.module.css";
import type { Relation } from "./relation.ts";
import { useNow } from "./use-now.ts";
import { useRelation } from "./use-relation.ts";

export interface ProfileCardProps {
  person: Person;
  /** Opens a question about the person. The card is closed for it. */
  onAsk: Ask;
  /** Something was chosen that leads away from the card. */
  onDone: () => void;
}

const RELATION_TAGS: Partial<Record<Relation, string>> = {
  self: "You",
  friend: "Friend",
  incoming: "Wants to be friends",
  outgoing: "Request sent",
  blocked: "Blocked",
};

/** Who someone is, and what one can do about it. */
export function ProfileCard({ person, onAsk, onDone }: ProfileCardProps) {
  const presence = usePresence(person.id);
  const relation = useRelation(person.id);
  const now = useNow();
  const tag = RELATION_TAGS[relation];
  const isBlocked = relation === "blocked";
  return (
    <div className={styles["card"]}>
      <div className={styles["head"]}>
        <Avatar
          name={person.name}
          id={person.id}
          size="large"
          presence={isBlocked ? undefined : (presence?.status ?? "offline")}
        />
        <div className={styles["words"]}>
          <p className={styles["name"]}>{person.name}</p>
          <p className={styles["state"]}>
            {isBlocked ? "You see nothing of what they do" : presenceState(presence, now)}
          </p>
          {tag && (
            <p className={styles["tags"]}>
              <Tag tone={isBlocked ? "danger" : relation === "friend" ? "accent" : "plain"}>{tag}</Tag>
            </p>
          )}
        </div>
      </div>
      {presence?.text && !isBlocked && <p className={styles["text"]}>{presence.text}</p>}
      {relation !== "self" && <Deeds person={person} relation={relation} onAsk={onAsk} onDone={onDone} />}
    </div>
  );
}

function Deeds({ person, relation, onAsk, onDone }: ProfileCardProps & { relation: Relation }) {
  const [, navigate] = useLocation();
  const { people } = useStores();
  const write = () => {
    onDone();
    navigate(`/direct/${person.id}`);
  };
  return (
    <>
      <div className={styles["deeds"]}>
        {relation === "incoming" && (
          <>
            <Button size="small" variant="primary" icon={<Check />} onClick={() => void people.accept(person.id)}>
              Accept
            </Button>
            <Button size="small" icon={<X />} onClick={() => void people.decline(person.id)}>
              Decline
            </Button>
          </>
        )}
        {relation === "blocked" ? (
          <Button size="small" icon={<ShieldCheck />} onClick={() => void people.unblock(person.id)}>
            Unblock
          </Button>
        ) : (
          <Button
            size="small"
            variant={relation === "incoming" ? "secondary" : "primary"}
            icon={<MessageSquare />}
            onClick={write}
          >
            Message
          </Button>
        )}
        {relation === "none" && (
          <Button size="small" icon={<UserPlus />} onClick={() => onAsk("add", person)}>
            Add friend
          </Button>
        )}
        {relation === "outgoing" && (
          <Button size="small" icon={<X />} onClick={() => void people.cancel(person.id)}>
            Cancel request
          </Button>
        )}
      </div>
      <div className={styles["more"]}>
        {relation === "friend" && (
          <Button size="small" variant="quiet" icon={<UserMinus />} onClick={() => onAsk("remove", person)}>
            Remove
          </Button>
        )}
        {relation !== "blocked" && (
          <Button size="small" variant="quiet" icon={<ShieldBan />} onClick={() => onAsk("block", person)}>
            Block
          </Button>
        )}
        <Button size="small" variant="quiet" icon={<Flag />} onClick={() => onAsk("report", person)}>
          Report
        </Button>
      </div>
    </>
  );
}
