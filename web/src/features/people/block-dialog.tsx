import { useState } from "react";
import { useStores } from "@hubbub/client/react";
import { ConfirmDialog, Switch, toast } from "../../design/index.ts";
import type { PersonDialogProps } from "./remove-friend-dialog.tsx";
import { useRelation } from "./use-relation.ts";

export function BlockDialog({ open, onOpenChange, person }: PersonDialogProps) {
  const stores = useStores();
  const [mutual, setMutual] = useState(false);
  const isFriend = useRelation(person.id) === "friend";

  const block = () => {
    void stores.people.block(person.id, mutual).then((failure) => {
      if (failure) return;
      toast({
        title: `${person.name} is blocked`,
        action: { label: "Undo", onSelect: () => void stores.people.unblock(person.id) },
      });
    });
  };
  return (
    <ConfirmDialog
      open={open}
      onOpenChange={onOpenChange}
      title={`Block ${person.name}?`}
      description={
        isFriend
          ? "You will see nothing more of what they do, and neither of you can write to the other. It also ends your friendship; unblocking does not bring that back. They are not notified."
          : "You will see nothing more of what they do, and neither of you can write to the other. They are not notified."
      }
      confirm="Block"
      onConfirm={block}
    >
      <Switch
        label="Also hide me from them"
        hint="Your messages in shared rooms disappear for them too. They may notice that."
        checked={mutual}
        onChange={setMutual}
      />
    </ConfirmDialog>
  );
}
