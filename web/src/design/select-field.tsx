import { useId, type ComponentProps, type ReactNode } from "react";
import { ChevronDown } from "lucide-react";
import { classes } from "./classes.ts";
import styles from "./select-field.module.css";
import field from "./text-field.module.css";

export interface SelectFieldProps<T extends string> extends Omit<
  ComponentProps<"select">,
  "id" | "onChange" | "value"
> {
  label: string;
  hideLabel?: boolean | undefined;
  hint?: ReactNode;
  value: T;
  options: readonly { readonly value: T; readonly label: string }[];
  onChange: (value: T) => void;
}

/** The platform's own list: the best one on a phone, and the keyboard works everywhere. */
export function SelectField<T extends string>(props: SelectFieldProps<T>) {
  const { label, hideLabel, hint, value, options, onChange, className, ...rest } = props;
  const id = useId();
  return (
    <div className={classes(field["field"], className)}>
      <label htmlFor={id} className={hideLabel ? "unseen" : field["label"]}>
        {label}
      </label>
      <div className={classes(field["box"], styles["box"])}>
        <select
          {...rest}
          id={id}
          value={value}
          className={classes(field["input"], styles["select"])}
          aria-describedby={hint ? `${id}-note` : undefined}
          onChange={(event) => {
            const chosen = options.find((option) => option.value === event.target.value);
            if (chosen) onChange(chosen.value);
          }}
        >
          {options.map((option) => (
            <option key={option.value} value={option.value}>
              {option.label}
            </option>
          ))}
        </select>
        <ChevronDown className={styles["arrow"]} aria-hidden />
      </div>
      {hint && (
        <p id={`${id}-note`} className={field["hint"]}>
          {hint}
        </p>
      )}
    </div>
  );
}
