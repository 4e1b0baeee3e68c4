const pair = new Intl.ListFormat("en", { type: "conjunction" });
const SHOWN = 3;

/** "Ada is typing…", "Ada and Bob are typing…"; a crowd is not named. */
export function typingLine(names: readonly string[]): string {
  if (names.length === 0) return "";
  if (names.length > SHOWN) return "Several people are typing…";
  return `${pair.format(names)} ${names.length === 1 ? "is" : "are"} typing…`;
}

/** "Seen by Ada", "Seen by Ada, Bob, and 3 others". */
export function seenLine(names: readonly string[]): string {
  if (names.length === 0) return "";
  const others = names.length - SHOWN;
  const shown = others > 0 ? [...names.slice(0, SHOWN), `${others} ${others === 1 ? "other" : "others"}`] : names;
  return `Seen by ${pair.format(shown)}`;
}
