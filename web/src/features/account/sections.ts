/** The parts of the settings, in their order. */
export const SECTIONS = [
  { id: "profile", label: "Profile" },
  { id: "account", label: "Account" },
  { id: "privacy", label: "Privacy" },
  { id: "sessions", label: "Sessions" },
  { id: "notifications", label: "Notifications" },
  { id: "appearance", label: "Appearance" },
  { id: "keyboard", label: "Keyboard" },
] as const;

export type SectionId = (typeof SECTIONS)[number]["id"];

/** The part that an address names; nothing for `/settings` alone and for what does not exist. */
export function sectionIn(path: string): SectionId | undefined {
  const named = path.split("/")[2];
  return SECTIONS.find((section) => section.id === named)?.id;
}
