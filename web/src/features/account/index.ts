/** One's own account, and how this browser shows and tells things. */

export { SettingsScreen } from "./settings-screen.tsx";
