/** What one can be shown as, with what it means. */
export const STATUSES = [
  { value: "online", label: "Online" },
  { value: "away", label: "Away" },
  { value: "dnd", label: "Do not disturb" },
  { value: "invisible", label: "Invisible" },
] as const;
