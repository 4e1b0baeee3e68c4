import { useRef, useState, type FormEvent, type RefObject } from "react";
import { Button, Tabs, TextField } from "../../design/index.ts";
import { PasswordField } from "./password-field.tsx";
import { missing, problemsOf, type Problems } from "./problems.ts";
import styles from "./welcome-form.module.css";

export type Mode = "signup" | "login";

export interface WelcomeFormProps {
  first: Mode;
  onSubmit: (mode: Mode, name: string, password: string) => Promise<void>;
}

const MODES = [
  { value: "signup", label: "New here" },
  { value: "login", label: "I have an account" },
] as const;

interface NameFieldProps {
  ref: RefObject<HTMLInputElement | null>;
  value: string;
  isNew: boolean;
  error: string | undefined;
  onChange: (value: string) => void;
}

function NameField({ ref, value, isNew, error, onChange }: NameFieldProps) {
  return (
    <TextField
      ref={ref}
      label="Name"
      name="username"
      autoComplete="username"
      autoCapitalize="none"
      autoCorrect="off"
      spellCheck={false}
      maxLength={64}
      required
      value={value}
      onChange={(event) => onChange(event.target.value)}
      error={error}
      hint={isNew ? "Letters, digits, “_”, “.” and “-”. Everyone will see it." : undefined}
    />
  );
}

export function WelcomeForm({ first, onSubmit }: WelcomeFormProps) {
  const [mode, setMode] = useState<Mode>(first);
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const [problems, setProblems] = useState<Problems>({});
  const [busy, setBusy] = useState(false);
  const nameField = useRef<HTMLInputElement>(null);

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const lacking = missing(name, password);
    setProblems(lacking ?? {});
    if (lacking) return;
    setBusy(true);
    try {
      await onSubmit(mode, name.trim(), password);
    } catch (error) {
      const found = problemsOf(error);
      setProblems(found);
      if (found.name || found.whole) nameField.current?.focus();
    } finally {
      setBusy(false);
    }
  };

  return (
    <form className={styles["form"]} noValidate onSubmit={(event) => void submit(event)}>
      <Tabs
        label="Account"
        look="pill"
        value={mode}
        items={MODES}
        onChange={(next) => {
          setMode(next);
          setProblems({});
        }}
      />
      <NameField ref={nameField} value={name} isNew={mode === "signup"} error={problems.name} onChange={setName} />
      <PasswordField value={password} isNew={mode === "signup"} error={problems.password} onChange={setPassword} />
      <p role="alert" className={styles["problem"]}>
        {problems.whole}
      </p>
      <Button type="submit" variant="primary" size="big" busy={busy} full>
        {mode === "signup" ? "Sign up" : "Log in"}
      </Button>
    </form>
  );
}
