/** What the dialogs about one person have in common. */
export interface ActDialogProps {
  person: { readonly id: string; readonly name: string };
  open: boolean;
  onOpenChange: (open: boolean) => void;
  onDone?: (() => void) | undefined;
}
