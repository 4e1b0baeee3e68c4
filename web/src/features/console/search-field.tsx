import { Search } from "lucide-react";
import { useState } from "react";
import { TextField } from "../../design/index.ts";
import styles from "./search-field.module.css";

export interface SearchFieldProps {
  label: string;
  placeholder: string;
  value?: string | undefined;
  /** On every change; otherwise only on Enter. */
  onChange?: ((value: string) => void) | undefined;
  onSubmit?: ((value: string) => void) | undefined;
}

export function SearchField({ label, placeholder, value = "", onChange, onSubmit }: SearchFieldProps) {
  const [typed, setTyped] = useState(value);
  return (
    <form
      role="search"
      className={styles["search"]}
      onSubmit={(event) => {
        event.preventDefault();
        onSubmit?.(typed.trim());
      }}
    >
      <TextField
        type="search"
        label={label}
        hideLabel
        placeholder={placeholder}
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        leading={<Search aria-hidden />}
        value={typed}
        onChange={(event) => {
          setTyped(event.target.value);
          onChange?.(event.target.value);
        }}
      />
    </form>
  );
}
