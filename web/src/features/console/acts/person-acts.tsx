import { Ban, MicOff, TriangleAlert } from "lucide-react";
import { useState } from "react";
import { Button } from "../../../design/index.ts";
import { BanDialog } from "./ban-dialog.tsx";
import { MuteDialog } from "./mute-dialog.tsx";
import { WarnDialog } from "./warn-dialog.tsx";

export interface PersonActsProps {
  person: { readonly id: string; readonly name: string };
  size?: "small" | "medium" | undefined;
  /** After something was done: what is shown of the person is old. */
  onDone?: (() => void) | undefined;
}

/** What an administrator may do to a person, from the mildest to the hardest. */
export function PersonActs({ person, size = "small", onDone }: PersonActsProps) {
  const [open, setOpen] = useState<"warn" | "mute" | "ban">();
  const dialog = (which: typeof open) => ({
    person,
    open: open === which,
    onOpenChange: (next: boolean) => setOpen(next ? which : undefined),
    onDone,
  });
  return (
    <>
      <Button size={size} icon={<TriangleAlert aria-hidden />} onClick={() => setOpen("warn")}>
        Warn
      </Button>
      <Button size={size} icon={<MicOff aria-hidden />} onClick={() => setOpen("mute")}>
        Mute
      </Button>
      <Button size={size} icon={<Ban aria-hidden />} onClick={() => setOpen("ban")}>
        Ban
      </Button>
      <WarnDialog {...dialog("warn")} />
      <MuteDialog {...dialog("mute")} />
      <BanDialog {...dialog("ban")} />
    </>
  );
}
