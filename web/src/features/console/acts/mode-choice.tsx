import { useId } from "react";
import { MODE_WORDS } from "../ban-words.ts";
import type { BanMode } from "../shapes.ts";
import styles from "./acts.module.css";

const MODES: readonly BanMode[] = ["enforce", "shadow"];

export interface ModeChoiceProps {
  of: "user" | "range";
  value: BanMode;
  onChange: (mode: BanMode) => void;
}

/** The two ways a ban works, each with what it does: the names alone say too little. */
export function ModeChoice({ of, value, onChange }: ModeChoiceProps) {
  const name = useId();
  return (
    <fieldset className={styles["modes"]}>
      <legend className={styles["legend"]}>How</legend>
      {MODES.map((mode) => (
        <label key={mode} className={styles["mode"]} data-checked={mode === value || undefined}>
          <input type="radio" name={name} checked={mode === value} onChange={() => onChange(mode)} />
          <span>
            <span className={styles["mode-name"]}>{MODE_WORDS[mode].label}</span>
            <span className={styles["quiet"]}>
              {of === "user" ? MODE_WORDS[mode].ofUser : MODE_WORDS[mode].ofRange}
            </span>
          </span>
        </label>
      ))}
    </fieldset>
  );
}
