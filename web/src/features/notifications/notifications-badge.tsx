import { useNotifications } from "@hubbub/client/react";
import { Badge } from "../../design/index.ts";

/** How many notifications were not read. */
export function NotificationsBadge() {
  const { unread } = useNotifications();
  return <Badge count={unread} tone="mention" label={unread === 1 ? "unread notification" : "unread notifications"} />;
}
