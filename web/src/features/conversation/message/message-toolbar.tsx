import { useState } from "react";
import { Ellipsis, SmilePlus } from "lucide-react";
import type { TimelineMessage } from "@hubbub/client/store";
import { IconButton, Menu, MenuItem, MenuSeparator, Popover } from "../../../design/index.ts";
import { EmojiPicker } from "../emoji/emoji-picker.tsx";
import { useConversation } from "../screen/conversation-context.ts";
import { actionsFor } from "./message-actions.tsx";
import styles from "./message-toolbar.module.css";

interface MessageToolbarProps {
  message: TimelineMessage;
  /** While something of it is open it must stay, wherever the pointer is. */
  onOpenChange: (isOpen: boolean) => void;
}

/** What stands over the message that is pointed at, or has the focus. */
export function MessageToolbar({ message, onOpenChange }: MessageToolbarProps) {
  const conversation = useConversation();
  const [isPicking, setPicking] = useState(false);
  const actions = actionsFor(message, conversation);
  const pick = (open: boolean) => {
    setPicking(open);
    onOpenChange(open);
  };
  const react = (emoji: string) => {
    pick(false);
    void conversation.room.actions.react(message.message, emoji, true);
  };
  return (
    <div className={styles["bar"]} role="toolbar" aria-label="Message actions">
      <Popover
        label="Choose an emoji"
        align="end"
        side="top"
        open={isPicking}
        onOpenChange={pick}
        trigger={
          <IconButton label="Add reaction" size="small" active={isPicking}>
            <SmilePlus />
          </IconButton>
        }
      >
        <EmojiPicker onPick={react} />
      </Popover>
      {actions
        .filter((action) => action.isQuick)
        .map((action) => (
          <IconButton key={action.id} label={action.label} size="small" onClick={action.run}>
            {action.icon}
          </IconButton>
        ))}
      <Menu
        onOpenChange={onOpenChange}
        trigger={
          <IconButton label="More actions" size="small" bare>
            <Ellipsis />
          </IconButton>
        }
      >
        {actions
          .filter((action) => !action.isQuick)
          .flatMap((action, at, all) => [
            action.tone === "danger" && all[at - 1]?.tone !== "danger" && <MenuSeparator key="line" />,
            <MenuItem key={action.id} icon={action.icon} tone={action.tone} onSelect={action.run}>
              {action.label}
            </MenuItem>,
          ])}
      </Menu>
    </div>
  );
}
