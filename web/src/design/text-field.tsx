import { useId, type ComponentProps, type ReactNode } from "react";
import { classes } from "./classes.ts";
import styles from "./text-field.module.css";

interface FieldParts {
  label: string;
  /** Where the label would only repeat what stands around it; screen readers still get it. */
  hideLabel?: boolean | undefined;
  hint?: ReactNode;
  /** Why the value is refused. Replaces the hint. */
  error?: string | undefined;
  leading?: ReactNode;
  trailing?: ReactNode;
}

export interface TextFieldProps extends FieldParts, Omit<ComponentProps<"input">, "id"> {}
export interface TextAreaProps extends FieldParts, Omit<ComponentProps<"textarea">, "id"> {}

interface FrameProps extends FieldParts {
  id: string;
  note: string;
  children: ReactNode;
  className?: string | undefined;
}

function Frame({ id, note, label, hideLabel, hint, error, leading, trailing, children, className }: FrameProps) {
  return (
    <div className={classes(styles["field"], className)}>
      <label htmlFor={id} className={hideLabel ? "unseen" : styles["label"]}>
        {label}
      </label>
      <div className={styles["box"]} data-invalid={error ? true : undefined}>
        {leading && <span className={styles["side"]}>{leading}</span>}
        {children}
        {trailing}
      </div>
      {/* It stands in the page from the start, so that a screen reader hears what is put into it. */}
      <p id={note} className={error ? styles["error"] : styles["hint"]} aria-live="polite">
        {error ?? hint}
      </p>
    </div>
  );
}

export function TextField({ label, hideLabel, hint, error, leading, trailing, className, ...rest }: TextFieldProps) {
  const id = useId();
  const parts = { label, hideLabel, hint, error, leading, trailing, className };
  return (
    <Frame {...parts} id={id} note={`${id}-note`}>
      <input
        type="text"
        {...rest}
        id={id}
        className={styles["input"]}
        aria-invalid={error ? true : undefined}
        aria-describedby={`${id}-note`}
      />
    </Frame>
  );
}

/** Grows with its text where the browser can (`field-sizing`). */
export function TextArea({ label, hideLabel, hint, error, leading, trailing, className, ...rest }: TextAreaProps) {
  const id = useId();
  const parts = { label, hideLabel, hint, error, leading, trailing, className };
  return (
    <Frame {...parts} id={id} note={`${id}-note`}>
      <textarea
        rows={3}
        {...rest}
        id={id}
        className={classes(styles["input"], styles["area"])}
        aria-invalid={error ? true : undefined}
        aria-describedby={`${id}-note`}
      />
    </Frame>
  );
}
