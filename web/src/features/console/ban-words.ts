/** What a ban does, in sentences: whom it hits, how, and for how long. */

import { plural, untilWords } from "./time-words.ts";
import type { BanMode, BanPreview } from "./shapes.ts";

export const MODE_WORDS: Readonly<
  Record<BanMode, { readonly label: string; readonly ofUser: string; readonly ofRange: string }>
> = {
  enforce: {
    label: "Enforce",
    ofUser: "Every session ends within two seconds and nothing they send is accepted.",
    ofRange: "Nobody gets in from these addresses, and who is connected from them is thrown out within two seconds.",
  },
  shadow: {
    label: "Shadow",
    ofUser: "They go on as if nothing were. Nobody else sees what they do.",
    ofRange: "Nobody is refused. Attempts from these addresses are only counted, to see what a ban would hit.",
  },
};

/** Some names, and how many more there are. */
export function sampleWords(names: readonly string[], total: number, most = 5): string {
  const shown = names.slice(0, most);
  const more = Math.max(0, total - shown.length);
  if (shown.length === 0) return "";
  if (more > 0) return `${shown.join(", ")} and ${more.toLocaleString("en")} more`;
  return shown.length === 1 ? shown[0]! : `${shown.slice(0, -1).join(", ")} and ${shown.at(-1)}`;
}

/** The sentences one reads before a range is banned. The gravest comes first. */
export function rangeWords(preview: BanPreview, mode: BanMode, until: number | undefined, now: number): string[] {
  const { users, admins, sample, liveConnections, reportedUsers } = preview;
  const words: string[] = [];
  if (admins > 0) {
    words.push(`${plural(admins, "administrator")} ${admins === 1 ? "uses" : "use"} these addresses.`);
  }
  words.push(
    users === 0
      ? "Nobody has used these addresses in the last 30 days."
      : `${plural(users, "person", "people")} used these addresses in the last 30 days: ${sampleWords(sample, users)}.`,
  );
  if (users > 0) {
    words.push(
      reportedUsers === 0
        ? "None of them was reported in the last week."
        : `${reportedUsers.toLocaleString("en")} of them ${reportedUsers === 1 ? "was" : "were"} reported in the last week.`,
    );
  }
  if (mode === "enforce") {
    words.push(
      liveConnections === 0
        ? "No live connection is closed."
        : `${plural(liveConnections, "live connection")} ${liveConnections === 1 ? "is" : "are"} closed within two seconds.`,
    );
  }
  const ending = untilWords(until, now);
  words.push(mode === "enforce" ? `The ban holds ${ending}.` : `Nobody is refused: attempts are counted ${ending}.`);
  return words;
}

/** The same for one account. */
export function accountWords(name: string, mode: BanMode, until: number | undefined, now: number): string[] {
  const ending = untilWords(until, now);
  return mode === "enforce"
    ? [
        `${name} is logged out everywhere within two seconds and cannot log in ${until === undefined ? "any more" : ending}.`,
        "What they wrote stays where it is.",
      ]
    : [`${name} notices nothing; nobody else sees what they write ${until === undefined ? "from now on" : ending}.`];
}

/** Why the server refuses a range, and what to do. */
export const RANGE_REFUSED_ADVICE =
  "Ranges that hold most of the internet, private and reserved ones, the installation's own and the one you come from yourself cannot be banned. Choose a narrower range.";
