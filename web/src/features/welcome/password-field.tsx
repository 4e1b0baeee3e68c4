import { Eye, EyeOff } from "lucide-react";
import { useState, type KeyboardEvent } from "react";
import { BareIconButton, TextField } from "../../design/index.ts";

interface PasswordFieldProps {
  value: string;
  isNew: boolean;
  error: string | undefined;
  onChange: (value: string) => void;
}

/** Shows on demand what is typed, and says when Caps Lock is on. */
export function PasswordField({ value, isNew, error, onChange }: PasswordFieldProps) {
  const [shown, setShown] = useState(false);
  const [caps, setCaps] = useState(false);
  const look = (event: KeyboardEvent) => setCaps(event.getModifierState("CapsLock"));
  const rule = isNew ? "At least 8 characters. A few words make a good one." : undefined;
  return (
    <TextField
      label="Password"
      name="password"
      type={shown ? "text" : "password"}
      autoComplete={isNew ? "new-password" : "current-password"}
      autoCapitalize="none"
      spellCheck={false}
      maxLength={256}
      required
      value={value}
      onChange={(event) => onChange(event.target.value)}
      onKeyDown={look}
      onKeyUp={look}
      onBlur={() => setCaps(false)}
      error={error}
      hint={caps ? "Caps Lock is on." : rule}
      trailing={
        <BareIconButton label={shown ? "Hide characters" : "Show characters"} onClick={() => setShown(!shown)}>
          {shown ? <EyeOff /> : <Eye />}
        </BareIconButton>
      }
    />
  );
}
