import { TextArea } from "../../../design/index.ts";

export const REASON_LONGEST = 500;

/** Letters as the server counts them: a letter outside the basic plane is one, not two. */
export const letters = (text: string): number => [...text.trim()].length;

export const isReason = (text: string): boolean => letters(text) >= 1 && letters(text) <= REASON_LONGEST;

export interface ReasonFieldProps {
  value: string;
  hint: string;
  onChange: (value: string) => void;
}

export function ReasonField({ value, hint, onChange }: ReasonFieldProps) {
  const over = letters(value) - REASON_LONGEST;
  return (
    <TextArea
      label="Reason"
      rows={2}
      required
      value={value}
      hint={hint}
      error={over > 0 ? `${over} characters too many` : undefined}
      onChange={(event) => onChange(event.target.value)}
    />
  );
}
