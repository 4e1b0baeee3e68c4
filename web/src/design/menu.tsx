import { Menu as Base } from "@base-ui/react/menu";
import { Check } from "lucide-react";
import type { ReactElement, ReactNode } from "react";
import { classes } from "./classes.ts";
import styles from "./menu.module.css";

export interface MenuProps {
  /** A button. It gets the focus back. */
  trigger: ReactElement;
  children: ReactNode;
  side?: "top" | "right" | "bottom" | "left" | undefined;
  align?: "start" | "center" | "end" | undefined;
  open?: boolean | undefined;
  onOpenChange?: ((open: boolean) => void) | undefined;
}

export function Menu({ trigger, children, side = "bottom", align = "end", open, onOpenChange }: MenuProps) {
  const state = { ...(open === undefined ? {} : { open }), ...(onOpenChange ? { onOpenChange } : {}) };
  return (
    <Base.Root modal={false} {...state}>
      <Base.Trigger render={trigger} />
      <Base.Portal>
        <Base.Positioner className={styles["positioner"]} side={side} align={align} sideOffset={4} collisionPadding={8}>
          <Base.Popup className={styles["popup"]}>{children}</Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}

export interface MenuItemProps {
  icon?: ReactNode;
  children: ReactNode;
  /** A key, shown at the end. */
  keys?: string | undefined;
  tone?: "plain" | "danger" | undefined;
  disabled?: boolean | undefined;
  onSelect: () => void;
}

export function MenuItem({ icon, children, keys, tone = "plain", disabled, onSelect }: MenuItemProps) {
  return (
    <Base.Item
      className={classes(styles["item"], tone === "danger" && styles["danger"])}
      disabled={disabled}
      onClick={onSelect}
    >
      {icon && <span className={styles["icon"]}>{icon}</span>}
      <span className={styles["text"]}>{children}</span>
      {keys && <kbd className={styles["keys"]}>{keys}</kbd>}
    </Base.Item>
  );
}

export interface MenuChoiceProps<T extends string> {
  label: string;
  value: T | undefined;
  options: readonly { readonly value: T; readonly label: string; readonly icon?: ReactNode }[];
  onChange: (value: T) => void;
}

/** A group of which one is chosen. */
export function MenuChoice<T extends string>({ label, value, options, onChange }: MenuChoiceProps<T>) {
  return (
    <Base.Group>
      <Base.GroupLabel className={styles["label"]}>{label}</Base.GroupLabel>
      <Base.RadioGroup value={value ?? ""} onValueChange={(next: T) => onChange(next)}>
        {options.map((option) => (
          <Base.RadioItem key={option.value} value={option.value} className={styles["item"]} closeOnClick>
            {option.icon && <span className={styles["icon"]}>{option.icon}</span>}
            <span className={styles["text"]}>{option.label}</span>
            <Base.RadioItemIndicator className={styles["check"]}>
              <Check aria-hidden />
            </Base.RadioItemIndicator>
          </Base.RadioItem>
        ))}
      </Base.RadioGroup>
    </Base.Group>
  );
}

export function MenuSeparator() {
  return <Base.Separator className={styles["separator"]} />;
}
