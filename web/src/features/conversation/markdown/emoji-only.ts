/** One emoji: a pictograph with its modifiers, joined ones, a flag, or a keycap. */
const ONE =
  "(?:\\p{Regional_Indicator}{2}|[0-9#*]\\uFE0F\\u20E3|\\p{Extended_Pictographic}(?:\\uFE0F|\\p{Emoji_Modifier})?(?:\\u200D\\p{Extended_Pictographic}(?:\\uFE0F|\\p{Emoji_Modifier})?)*)";
const ONLY = new RegExp(`^\\s*(?:${ONE}\\s*){1,12}$`, "u");

/** The longest text that is looked at: twelve families with skin tones. */
const LONGEST = 400;

/** Whether a message is a few emoji and nothing else: it is shown larger. */
export const isEmojiOnly = (body: string): boolean => body.length <= LONGEST && ONLY.test(body);
