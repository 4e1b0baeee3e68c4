import { useState, type ReactNode } from "react";
import { Button } from "./button.tsx";
import { Dialog } from "./dialog.tsx";
import styles from "./confirm-dialog.module.css";

export interface ConfirmDialogProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: string;
  description?: ReactNode;
  /** What the button says: the deed, never "OK". */
  confirm: string;
  tone?: "plain" | "danger" | undefined;
  /** Fields that belong to the question. */
  children?: ReactNode;
  disabled?: boolean | undefined;
  /** The dialog stays, with the error's message, when this rejects. */
  onConfirm: () => Promise<unknown> | void;
}

export function ConfirmDialog(props: ConfirmDialogProps) {
  const { open, onOpenChange, title, description, confirm, tone = "danger", children, disabled, onConfirm } = props;
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string>();

  const change = (next: boolean) => {
    setProblem(undefined);
    onOpenChange(next);
  };
  const act = async () => {
    setBusy(true);
    setProblem(undefined);
    try {
      await onConfirm();
      change(false);
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
    } finally {
      setBusy(false);
    }
  };

  return (
    <Dialog
      open={open}
      onOpenChange={change}
      title={title}
      description={description}
      size="small"
      footer={
        <>
          <Button onClick={() => change(false)}>Cancel</Button>
          <Button
            variant={tone === "danger" ? "danger" : "primary"}
            busy={busy}
            disabled={disabled}
            onClick={() => void act()}
          >
            {confirm}
          </Button>
        </>
      }
    >
      {(children || problem) && (
        <>
          {children}
          {problem && (
            <p role="alert" className={styles["problem"]}>
              {problem}
            </p>
          )}
        </>
      )}
    </Dialog>
  );
}
