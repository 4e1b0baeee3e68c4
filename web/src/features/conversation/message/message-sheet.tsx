import { useState } from "react";
import { SmilePlus } from "lucide-react";
import type { TimelineMessage } from "@hubbub/client/store";
import { classes, Dialog, IconButton } from "../../../design/index.ts";
import { EmojiPicker } from "../emoji/emoji-picker.tsx";
import { recentEmoji, rememberEmoji } from "../emoji/recent-emoji.ts";
import { useConversation } from "../screen/conversation-context.ts";
import { actionsFor } from "./message-actions.tsx";
import styles from "./message-sheet.module.css";

const OFFERED = 6;

/** What a long press opens where there is no pointer: everything that can be done, in rows that fingers hit. */
export function MessageSheet({ message, onClose }: { message: TimelineMessage; onClose: () => void }) {
  const conversation = useConversation();
  const [isPicking, setPicking] = useState(false);
  const react = (emoji: string) => {
    rememberEmoji(emoji);
    onClose();
    void conversation.room.actions.react(message.message, emoji, true);
  };
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()} title="Message actions" size="small" bare>
      {isPicking ? (
        <EmojiPicker onPick={react} />
      ) : (
        <>
          <div className={styles["reactions"]}>
            {recentEmoji()
              .slice(0, OFFERED)
              .map((emoji) => (
                <button key={emoji} type="button" aria-label={`React with ${emoji}`} onClick={() => react(emoji)}>
                  {emoji}
                </button>
              ))}
            <IconButton label="Other emoji" bare onClick={() => setPicking(true)}>
              <SmilePlus />
            </IconButton>
          </div>
          <ul className={styles["list"]}>
            {actionsFor(message, conversation).map((action) => (
              <li key={action.id}>
                <button
                  type="button"
                  className={classes(styles["action"], action.tone === "danger" && styles["danger"])}
                  onClick={() => {
                    onClose();
                    action.run();
                  }}
                >
                  {action.icon}
                  {action.label}
                </button>
              </li>
            ))}
          </ul>
        </>
      )}
    </Dialog>
  );
}
