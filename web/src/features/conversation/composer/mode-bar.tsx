import { Pencil, Reply, X } from "lucide-react";
import type { TimelineMessage } from "@hubbub/client/store";
import { IconButton } from "../../../design/index.ts";
import { plainText } from "../markdown/plain-text.ts";
import styles from "./mode-bar.module.css";

/** What the composer is for, when it is not for a new message. */
export interface Mode {
  readonly kind: "reply" | "edit";
  readonly message: TimelineMessage;
}

export function ModeBar({ mode, onCancel }: { mode: Mode; onCancel: () => void }) {
  const { kind, message } = mode;
  return (
    <div className={styles["bar"]}>
      {kind === "reply" ? <Reply aria-hidden /> : <Pencil aria-hidden />}
      <span className={styles["what"]}>{kind === "reply" ? `Replying to ${message.author.name}` : "Editing"}</span>
      <span className={styles["words"]}>{plainText(message.body)}</span>
      <IconButton label={kind === "reply" ? "Cancel reply" : "Cancel editing"} size="small" onClick={onCancel}>
        <X />
      </IconButton>
    </div>
  );
}
