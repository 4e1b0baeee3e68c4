import type { Reaction, TimelineMessage } from "@hubbub/client/store";
import { classes, Tooltip } from "../../../design/index.ts";
import { useConversation } from "../screen/conversation-context.ts";
import styles from "./reactions.module.css";

/** The server counts reactions without names: who gave them is told as far as it is known. */
function givers({ count, own, emoji }: Reaction): string {
  const others = own ? count - 1 : count;
  const people = others === 1 ? "1 person" : `${others} people`;
  if (!own) return `${people} reacted with ${emoji}`;
  return others > 0 ? `You and ${people} reacted with ${emoji}` : `You reacted with ${emoji}`;
}

export function Reactions({ message }: { message: TimelineMessage }) {
  const { room } = useConversation();
  return (
    <ul className={styles["list"]} aria-label="Reactions">
      {message.reactions.map((reaction) => (
        <li key={reaction.emoji}>
          <Tooltip label={givers(reaction)}>
            <button
              type="button"
              aria-pressed={reaction.own}
              className={classes(styles["reaction"], reaction.own && styles["own"])}
              onClick={() => void room.actions.react(message.message, reaction.emoji, !reaction.own)}
            >
              <span>{reaction.emoji}</span>
              <span className={styles["count"]}>{reaction.count}</span>
              <span className="unseen">{givers(reaction)}</span>
            </button>
          </Tooltip>
        </li>
      ))}
    </ul>
  );
}
