import { useState, type FormEvent } from "react";
import { Button, Dialog, TextField } from "../../../design/index.ts";
import { dayOf } from "../timeline/times.ts";
import styles from "./date-picker.module.css";

const two = (number: number) => String(number).padStart(2, "0");

/** A day as a date field writes it, in the reader's time zone. */
export function fieldValue(at: number): string {
  const date = new Date(at);
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

/** Midnight of the day that a date field holds. */
export function dayIn(value: string): number | undefined {
  const [year, month, day] = value.split("-").map(Number);
  if (!year || !month || !day) return undefined;
  return new Date(year, month - 1, day).getTime();
}

const DAY_MS = 86_400_000;

/** Leads to the first message of a day, or to the first one after it. */
export function DatePicker({ onPick }: { onPick: (at: number) => void }) {
  const today = dayOf(Date.now());
  const [value, setValue] = useState(fieldValue(today));
  const day = dayIn(value);
  const go = (event: FormEvent) => {
    event.preventDefault();
    if (day !== undefined) onPick(day);
  };
  return (
    <form className={styles["form"]} onSubmit={go}>
      <div className={styles["days"]}>
        <Button size="small" onClick={() => onPick(today)}>
          Today
        </Button>
        <Button size="small" onClick={() => onPick(dayOf(today - DAY_MS / 2))}>
          Yesterday
        </Button>
        <Button size="small" onClick={() => onPick(dayOf(today - 7 * DAY_MS))}>
          A week ago
        </Button>
      </div>
      <TextField
        label="Day"
        type="date"
        value={value}
        max={fieldValue(today)}
        required
        onChange={(event) => setValue(event.target.value)}
      />
      <Button type="submit" variant="primary" full disabled={day === undefined}>
        Go to this day
      </Button>
    </form>
  );
}

interface DateDialogProps {
  isOpen: boolean;
  onOpenChange: (isOpen: boolean) => void;
  onPick: (at: number) => void;
}

export function DateDialog({ isOpen, onOpenChange, onPick }: DateDialogProps) {
  return (
    <Dialog open={isOpen} onOpenChange={onOpenChange} title="Jump to a date" size="small">
      <DatePicker onPick={onPick} />
    </Dialog>
  );
}
