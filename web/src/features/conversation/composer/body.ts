/** Most characters of a message; the server counts characters, not UTF-16 units. */
export const BODY_MOST = 4_000;
/** From here on the rest is counted down. */
const NEAR = 200;

const VISIBLE = /[^\s\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Zs}]/u;

/** How many characters there is room for; nothing to tell while there is plenty. */
export function charactersLeft(body: string): number | undefined {
  // A text of so few units cannot have more characters.
  if (body.length <= BODY_MOST - NEAR) return undefined;
  const left = BODY_MOST - [...body].length;
  return left <= NEAR ? left : undefined;
}

/** The text as it is sent: without the empty space around it. Leading spaces inside the first line are kept for code. */
export const bodyToSend = (text: string): string => text.replace(/^\s*\n/, "").trimEnd();

/** Whether a text can be sent: it has something to see, and fits. */
export const isSendable = (text: string): boolean => VISIBLE.test(text) && (charactersLeft(bodyToSend(text)) ?? 1) >= 0;
