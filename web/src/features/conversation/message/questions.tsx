import { useState } from "react";
import type { TimelineMessage } from "@hubbub/client/store";
import { ConfirmDialog } from "../../../design/index.ts";
import { ReportDialog } from "../../people/index.ts";
import { plainText } from "../markdown/plain-text.ts";
import { useConversation, type Question } from "../screen/conversation-context.ts";
import styles from "./questions.module.css";

interface QuestionProps {
  message: TimelineMessage;
  isOpen: boolean;
  onOpenChange: (isOpen: boolean) => void;
}

function DeleteQuestion({ message, isOpen, onOpenChange }: QuestionProps) {
  const { room } = useConversation();
  return (
    <ConfirmDialog
      open={isOpen}
      onOpenChange={onOpenChange}
      title="Delete this message for everyone?"
      description="Nobody will be able to read it any more. This cannot be undone."
      confirm="Delete"
      onConfirm={() => {
        // It is gone at once; a refusal brings it back, and is told like every other.
        void room.actions.delete(message.message, "everyone");
      }}
    >
      <blockquote className={styles["quote"]}>
        <strong>{message.author.name}</strong> {plainText(message.body)}
      </blockquote>
    </ConfirmDialog>
  );
}

function ReportQuestion({ message, isOpen, onOpenChange }: QuestionProps) {
  const about = { user: message.author, message: message.message };
  return <ReportDialog open={isOpen} onOpenChange={onOpenChange} about={about} />;
}

/** The dialogs that messages open. The last question stays while its dialog goes away. */
export function Questions({ question, onDone }: { question: Question | undefined; onDone: () => void }) {
  const [last, setLast] = useState(question);
  if (question && question !== last) setLast(question);
  if (!last) return null;
  const { kind, message } = last;
  const Dialog = kind === "delete" ? DeleteQuestion : ReportQuestion;
  const close = (isOpen: boolean) => !isOpen && onDone();
  return <Dialog key={message.id} message={message} isOpen={question !== undefined} onOpenChange={close} />;
}
