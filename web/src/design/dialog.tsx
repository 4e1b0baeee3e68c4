import { Dialog as Base } from "@base-ui/react/dialog";
import { X } from "lucide-react";
import type { ReactNode, RefObject } from "react";
import { classes } from "./classes.ts";
import styles from "./dialog.module.css";
import { IconButton } from "./icon-button.tsx";

export interface DialogProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: string;
  description?: ReactNode;
  children?: ReactNode;
  /** Buttons, the confirming one last. */
  footer?: ReactNode;
  size?: "small" | "medium" | "large" | undefined;
  /** Where the focus goes first; otherwise the first field. */
  initialFocus?: RefObject<HTMLElement | null> | undefined;
  /** The title is for screen readers alone, and there is no cross: the content brings its own head. */
  bare?: boolean | undefined;
}

export function Dialog(props: DialogProps) {
  const { open, onOpenChange, title, description, children, footer, size = "medium", initialFocus, bare } = props;
  return (
    <Base.Root open={open} onOpenChange={(next) => onOpenChange(next)}>
      <Base.Portal>
        <Base.Backdrop className={styles["backdrop"]} />
        <Base.Popup
          className={classes(styles["popup"], styles[size], bare && styles["high"])}
          initialFocus={initialFocus}
        >
          <header className={bare ? "unseen" : styles["head"]}>
            <Base.Title className={styles["title"]}>{title}</Base.Title>
            {description && <Base.Description className={styles["description"]}>{description}</Base.Description>}
          </header>
          {children && <div className={classes(styles["body"], bare && styles["bare"])}>{children}</div>}
          {footer && <footer className={styles["footer"]}>{footer}</footer>}
          {/* Last in the order of tabs, so that the first field gets the focus. */}
          {!bare && (
            <Base.Close
              className={styles["close"]}
              render={
                <IconButton label="Close" size="small" bare>
                  <X />
                </IconButton>
              }
            />
          )}
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  );
}
