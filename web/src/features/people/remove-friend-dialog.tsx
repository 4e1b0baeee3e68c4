import type { Person } from "@hubbub/client/store";
import { useStores } from "@hubbub/client/react";
import { ConfirmDialog, toast } from "../../design/index.ts";

export interface PersonDialogProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  person: Person;
}

export function RemoveFriendDialog({ open, onOpenChange, person }: PersonDialogProps) {
  const stores = useStores();
  const remove = () => {
    // The list changes at once; a refusal brings the friend back and is told by itself.
    void stores.people.remove(person.id).then((failure) => {
      if (!failure) toast({ title: `${person.name} is no longer your friend` });
    });
  };
  return (
    <ConfirmDialog
      open={open}
      onOpenChange={onOpenChange}
      title={`Remove ${person.name}?`}
      description="Your conversation stays, but writing to each other may need a new friend request. They are not notified."
      confirm="Remove friend"
      onConfirm={remove}
    />
  );
}
