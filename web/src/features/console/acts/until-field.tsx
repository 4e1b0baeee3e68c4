import { SelectField, TextField } from "../../../design/index.ts";
import { CUSTOM, type Preset, type UntilChoice } from "../until.ts";
import styles from "./acts.module.css";

export interface UntilFieldProps {
  label: string;
  presets: readonly Preset[];
  choice: UntilChoice;
  why?: string | undefined;
  onChange: (choice: UntilChoice) => void;
}

export function UntilField({ label, presets, choice, why, onChange }: UntilFieldProps) {
  const options = [...presets, { value: CUSTOM, label: "Until a certain moment…" }];
  return (
    <div className={styles["fields"]}>
      <SelectField
        label={label}
        value={choice.preset}
        options={options}
        onChange={(preset) => onChange({ ...choice, preset })}
      />
      {choice.preset === CUSTOM && (
        <TextField
          label="Day and time"
          type="datetime-local"
          value={choice.moment}
          error={choice.moment === "" ? undefined : why}
          onChange={(event) => onChange({ ...choice, moment: event.target.value })}
        />
      )}
    </div>
  );
}
