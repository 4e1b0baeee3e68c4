import { Switch as Base } from "@base-ui/react/switch";
import { useId, type ReactNode } from "react";
import styles from "./switch.module.css";

export interface SwitchProps {
  label: string;
  hint?: ReactNode;
  checked: boolean;
  disabled?: boolean | undefined;
  onChange: (checked: boolean) => void;
}

/** A row: what it is on the left, the switch on the right. */
export function Switch({ label, hint, checked, disabled, onChange }: SwitchProps) {
  const id = useId();
  return (
    <div className={styles["row"]}>
      <span className={styles["words"]}>
        <label id={`${id}-label`} htmlFor={id} className={styles["label"]}>
          {label}
        </label>
        {hint && (
          <span id={`${id}-hint`} className={styles["hint"]}>
            {hint}
          </span>
        )}
      </span>
      <Base.Root
        id={id}
        className={styles["track"]}
        checked={checked}
        disabled={disabled}
        onCheckedChange={(next) => onChange(next)}
        aria-labelledby={`${id}-label`}
        aria-describedby={hint ? `${id}-hint` : undefined}
      >
        <Base.Thumb className={styles["thumb"]} />
      </Base.Root>
    </div>
  );
}
