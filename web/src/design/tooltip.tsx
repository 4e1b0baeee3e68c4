import { Tooltip as Base } from "@base-ui/react/tooltip";
import type { ReactElement } from "react";
import styles from "./tooltip.module.css";

export interface TooltipProps {
  label: string;
  /** A key combination, shown beside the label. */
  keys?: string | undefined;
  side?: "top" | "right" | "bottom" | "left" | undefined;
  /** One element that can take a ref and event handlers. It must have a name of its own: a tooltip is none. */
  children: ReactElement;
}

/** One for the page: neighbours open at once after the first. */
export const TooltipProvider = Base.Provider;

export function Tooltip({ label, keys, side = "top", children }: TooltipProps) {
  return (
    <Base.Root>
      <Base.Trigger render={children} />
      <Base.Portal>
        <Base.Positioner className={styles["positioner"]} side={side} sideOffset={6} collisionPadding={8}>
          <Base.Popup className={styles["popup"]}>
            {label}
            {keys && <kbd className={styles["keys"]}>{keys}</kbd>}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}
