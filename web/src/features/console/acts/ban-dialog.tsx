import { useState } from "react";
import { Button, Dialog, toast } from "../../../design/index.ts";
import { useConsoleApi } from "../api.ts";
import { accountWords, rangeWords } from "../ban-words.ts";
import { problemOf } from "../problem.ts";
import { untilOf } from "../until.ts";
import { useNow } from "../use-now.ts";
import { banOf, emptyBan, nameOf, presetsOf, type BanDraft } from "./ban-draft.ts";
import { BanForm } from "./ban-form.tsx";
import { Sentences } from "./preview-box.tsx";
import { usePreview, type PreviewState } from "./use-preview.ts";
import styles from "./acts.module.css";

export interface BanDialogProps {
  /** Whom; left out, the dialog asks, and offers ranges too. */
  person?: { readonly id: string; readonly name: string } | undefined;
  /** What the field for the range begins with. */
  range?: string | undefined;
  open: boolean;
  onOpenChange: (open: boolean) => void;
  onDone?: (() => void) | undefined;
}

const startOf = (range: string | undefined): BanDraft =>
  range ? { ...emptyBan("range"), cidr: range } : emptyBan("user");

/** Two steps: what is to be done, then what that means in words. Only the second one does it. */
export function BanDialog({ person, range, open, onOpenChange, onDone }: BanDialogProps) {
  const api = useConsoleApi();
  const now = useNow();
  const [draft, setDraft] = useState<BanDraft>(() => startOf(range));
  const [isChecking, setIsChecking] = useState(false);
  const preview = usePreview(api, draft.kind === "range" ? draft.cidr : "");
  const [wasOpen, setWasOpen] = useState(open);
  if (open !== wasOpen) {
    setWasOpen(open);
    // Each opening begins anew; not each closing, for it is still seen while it fades.
    if (open) {
      setDraft(startOf(range));
      setIsChecking(false);
    }
  }
  const close = () => onOpenChange(false);
  const target = targetOf(draft, preview, person?.name);
  const act = useBan(draft, person?.id, target, () => {
    close();
    onDone?.();
  });
  const isReady = !!banOf(draft, person?.id, now).ban && (draft.kind === "user" || preview.phase === "ready");
  const title = person ? `Ban ${person.name}` : "New ban";
  const shell = { open, title, onOpenChange: (next: boolean) => (next ? onOpenChange(true) : close()) };

  if (!isChecking) {
    const next = () => isReady && setIsChecking(true);
    const footer = (
      <>
        <Button onClick={close}>Cancel</Button>
        <Button variant="primary" disabled={!isReady} onClick={next}>
          Continue
        </Button>
      </>
    );
    return (
      <Dialog {...shell} footer={footer}>
        <BanForm isOfPerson={!!person} draft={draft} preview={preview} onDraft={setDraft} onSubmit={next} />
      </Dialog>
    );
  }
  const footer = (
    <>
      <Button onClick={() => setIsChecking(false)}>Back</Button>
      <Button variant="danger" busy={act.isBusy} onClick={() => void act.run()}>
        Ban
      </Button>
    </>
  );
  return (
    <Dialog {...shell} description={`This is what happens to ${target}.`} footer={footer}>
      <Check draft={draft} preview={preview} target={target} trouble={act.trouble} />
    </Dialog>
  );
}

/** What is banned, as it is called in sentences. */
function targetOf(draft: BanDraft, preview: PreviewState, name: string | undefined): string {
  if (draft.kind === "user") return name ?? nameOf(draft.name);
  return preview.phase === "ready" ? preview.preview.cidr : draft.cidr.trim();
}

function useBan(draft: BanDraft, userId: string | undefined, target: string, onDone: () => void) {
  const api = useConsoleApi();
  const [isBusy, setIsBusy] = useState(false);
  const [trouble, setTrouble] = useState<string>();
  const run = async () => {
    // The end counts from this click, not from when the dialog was opened.
    const { ban, why } = banOf(draft, userId, Date.now());
    setTrouble(why);
    if (!ban) return;
    setIsBusy(true);
    try {
      await api.ban(ban);
      toast({ title: draft.mode === "shadow" ? `${target} is in shadow` : `${target} is banned`, tone: "good" });
      onDone();
    } catch (error) {
      setTrouble(problemOf(error).message);
    } finally {
      setIsBusy(false);
    }
  };
  return { run, isBusy, trouble };
}

interface CheckProps {
  draft: BanDraft;
  preview: PreviewState;
  target: string;
  trouble: string | undefined;
}

function Check({ draft, preview, target, trouble }: CheckProps) {
  const now = useNow();
  const { until } = untilOf(draft.until, presetsOf(draft.kind), now);
  const reach = draft.kind === "range" && preview.phase === "ready" ? preview.preview : undefined;
  const words = reach ? rangeWords(reach, draft.mode, until, now) : accountWords(target, draft.mode, until, now);
  return (
    <div className={styles["fields"]}>
      <Sentences words={words} isGrave={(reach?.admins ?? 0) > 0} />
      <p className={styles["quoted"]}>{draft.reason.trim()}</p>
      {trouble && (
        <p role="alert" className={styles["refused"]}>
          {trouble}
        </p>
      )}
    </div>
  );
}
