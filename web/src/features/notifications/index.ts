/** What happens to oneself, in the page and outside of it. */

export { BrowserNotices } from "./browser-notices.tsx";
export { NotificationsBadge } from "./notifications-badge.tsx";
export { NotificationsScreen } from "./notifications-screen.tsx";
