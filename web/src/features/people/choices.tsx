import { useId } from "react";
import styles from "./choices.module.css";

export interface ChoicesProps<T extends string> {
  legend: string;
  hideLegend?: boolean | undefined;
  value: T | undefined;
  options: readonly { readonly value: T; readonly label: string; readonly hint?: string }[];
  disabled?: boolean | undefined;
  onChange: (value: T) => void;
}

/** One of a few, each with a word of explanation: the browser's radio buttons, so that arrows and forms work. */
export function Choices<T extends string>(props: ChoicesProps<T>) {
  const { legend, hideLegend, value, options, disabled, onChange } = props;
  const name = useId();
  return (
    <fieldset className={styles["choices"]} disabled={disabled}>
      <legend className={hideLegend ? "unseen" : styles["legend"]}>{legend}</legend>
      {options.map((option) => (
        <label key={option.value} className={styles["choice"]}>
          <input
            type="radio"
            name={name}
            value={option.value}
            checked={option.value === value}
            className={styles["radio"]}
            aria-describedby={option.hint ? `${name}-${option.value}` : undefined}
            aria-labelledby={`${name}-${option.value}-label`}
            onChange={() => onChange(option.value)}
          />
          <span className={styles["words"]}>
            <span id={`${name}-${option.value}-label`} className={styles["label"]}>
              {option.label}
            </span>
            {option.hint && (
              <span id={`${name}-${option.value}`} className={styles["hint"]}>
                {option.hint}
              </span>
            )}
          </span>
        </label>
      ))}
    </fieldset>
  );
}
