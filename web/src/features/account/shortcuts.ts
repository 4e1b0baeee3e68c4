const IS_MAC = /Mac|iPhone|iPad/u.test(navigator.userAgent);
const COMMAND = IS_MAC ? "⌘" : "Ctrl";

export interface Shortcut {
  /** Pressed together. */
  readonly keys: readonly string[];
  readonly does: string;
}

/** What the keyboard can do, by where one is. */
export const SHORTCUTS: readonly { readonly place: string; readonly list: readonly Shortcut[] }[] = [
  {
    place: "Everywhere",
    list: [
      { keys: [COMMAND, "K"], does: "Go to a room or person" },
      { keys: ["Esc"], does: "Close what is open" },
      { keys: ["↑"], does: "One row up in a list" },
      { keys: ["↓"], does: "One row down in a list" },
    ],
  },
  {
    place: "While writing",
    list: [
      { keys: ["Enter"], does: "Send the message" },
      { keys: ["Shift", "Enter"], does: "Begin a new line" },
      { keys: ["↑"], does: "Edit your last message, while the field is empty" },
      { keys: ["Tab"], does: "Take the suggested person, room or emoji" },
      { keys: [COMMAND, "B"], does: "Bold" },
      { keys: [COMMAND, "I"], does: "Italic" },
      { keys: [COMMAND, "E"], does: "Code" },
    ],
  },
];
