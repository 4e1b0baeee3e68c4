import { SmilePlus } from "lucide-react";
import { useOwnPresence, useStores } from "@hubbub/client/react";
import { MenuChoice, MenuItem, PresenceDot } from "../../design/index.ts";
import { STATUSES } from "./statuses.ts";

const OPTIONS = STATUSES.map((status) => ({ ...status, icon: <PresenceDot status={status.value} silent /> }));

/**
 * One's own status, as a part of a menu: goes inside `Menu`. The text and how long it holds are asked by
 * `StatusDialog`, which stands beside the menu because that one closes.
 */
export function PresenceMenu({ onEditText }: { onEditText: () => void }) {
  const own = useOwnPresence();
  const { people } = useStores();
  return (
    <>
      <MenuChoice
        label="Your status"
        value={own?.status ?? "online"}
        options={OPTIONS}
        onChange={(status) => void people.setPresence({ ...own, status })}
      />
      <MenuItem icon={<SmilePlus />} onSelect={onEditText}>
        {own?.text ? `“${own.text}”` : "Say what you are doing…"}
      </MenuItem>
    </>
  );
}
