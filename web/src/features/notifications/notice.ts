import type { NoticeChoices } from "./notice-choices.ts";

/** What happened, as far as a notice of the system is concerned. */
export interface Happening {
  /** The same happening in two tabs has the same tag, and the system shows it once. */
  readonly tag: string;
  readonly title: string;
  readonly text: string;
  readonly place: string | undefined;
}

export interface Circumstances {
  readonly choices: NoticeChoices;
  /** The page is not looked at. */
  readonly isHidden: boolean;
  readonly isPermitted: boolean;
  /** One's own status is "do not disturb". */
  readonly isUndisturbed: boolean;
}

export interface Notice {
  readonly title: string;
  readonly body: string;
  readonly tag: string;
  readonly place: string | undefined;
}

const TEXT_MOST = 160;

/** The notice to show, if any: nobody is told what they see anyway, and nobody who asked not to be disturbed. */
export function noticeOf(happening: Happening, { choices, ...now }: Circumstances): Notice | undefined {
  if (!choices.shown || !now.isPermitted || !now.isHidden || now.isUndisturbed) return undefined;
  const { tag, title, text, place } = happening;
  const short = text.length > TEXT_MOST ? `${text.slice(0, TEXT_MOST - 1).trimEnd()}…` : text;
  return { tag, title, place, body: choices.withText ? short : "" };
}

/** Whether to make a sound: it is chosen by itself, and needs no permission. */
export const isHeard = ({ choices, isHidden, isUndisturbed }: Circumstances): boolean =>
  choices.sound && isHidden && !isUndisturbed;
