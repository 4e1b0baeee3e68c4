import { Tabs, TextField } from "../../../design/index.ts";
import { readRange } from "../cidr.ts";
import { untilOf } from "../until.ts";
import { useNow } from "../use-now.ts";
import { ofKind, presetsOf, type BanDraft, type BanKind } from "./ban-draft.ts";
import { ModeChoice } from "./mode-choice.tsx";
import { PreviewBox } from "./preview-box.tsx";
import { ReasonField } from "./reason-field.tsx";
import { UntilField } from "./until-field.tsx";
import type { PreviewState } from "./use-preview.ts";
import styles from "./acts.module.css";

const KINDS = [
  { value: "user", label: "An account" },
  { value: "range", label: "Addresses" },
] as const;

const REASON_HINTS: Readonly<Record<BanKind, string>> = {
  user: "The person reads this when they are turned away.",
  range: "For the log and for the other administrators.",
};

export interface BanFormProps {
  /** Whether it is settled already whom it is about. */
  isOfPerson: boolean;
  draft: BanDraft;
  preview: PreviewState;
  onDraft: (draft: BanDraft) => void;
  onSubmit: () => void;
}

export function BanForm({ isOfPerson, draft, preview, onDraft, onSubmit }: BanFormProps) {
  const now = useNow();
  const set = (part: Partial<BanDraft>) => onDraft({ ...draft, ...part });
  const presets = presetsOf(draft.kind);
  const { until, why } = untilOf(draft.until, presets, now);
  return (
    <form
      className={styles["fields"]}
      onSubmit={(event) => {
        event.preventDefault();
        onSubmit();
      }}
    >
      {!isOfPerson && (
        <Tabs<BanKind>
          label="What is banned"
          look="pill"
          value={draft.kind}
          items={KINDS}
          onChange={(kind) => onDraft(ofKind(draft, kind))}
        />
      )}
      {!isOfPerson && draft.kind === "user" && <NameField value={draft.name} onChange={(name) => set({ name })} />}
      {draft.kind === "range" && (
        <>
          <RangeField value={draft.cidr} onChange={(cidr) => set({ cidr })} />
          <PreviewBox typed={draft.cidr} state={preview} mode={draft.mode} until={until} />
        </>
      )}
      <ModeChoice of={draft.kind} value={draft.mode} onChange={(mode) => set({ mode })} />
      <UntilField
        label="For how long"
        presets={presets}
        choice={draft.until}
        why={why}
        onChange={(to) => set({ until: to })}
      />
      <ReasonField value={draft.reason} hint={REASON_HINTS[draft.kind]} onChange={(reason) => set({ reason })} />
    </form>
  );
}

interface FieldProps {
  value: string;
  onChange: (value: string) => void;
}

function NameField({ value, onChange }: FieldProps) {
  return (
    <TextField
      label="Name"
      autoComplete="off"
      autoCapitalize="none"
      spellCheck={false}
      value={value}
      onChange={(event) => onChange(event.target.value)}
    />
  );
}

function RangeField({ value, onChange }: FieldProps) {
  const reading = readRange(value);
  return (
    <TextField
      label="Address or range"
      placeholder="203.0.113.0/24"
      autoComplete="off"
      autoCapitalize="none"
      spellCheck={false}
      value={value}
      hint="A bare IPv6 address stands for its /64."
      error={value.trim() !== "" && "why" in reading ? reading.why : undefined}
      onChange={(event) => onChange(event.target.value)}
    />
  );
}
