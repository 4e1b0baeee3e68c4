import { Marked, type Token, type Tokens } from "marked";

/** `@name`, as the server reads it: letters, digits and `_ . -` of ASCII. */
export interface MentionToken extends Tokens.Generic {
  type: "mention";
  name: string;
}

/** `#room`: a name without spaces. */
export interface RoomToken extends Tokens.Generic {
  type: "room";
  name: string;
}

const MENTION = /^@([A-Za-z0-9_.-]{1,32})(?![A-Za-z0-9_.-])/;
const ROOM = /^#([\p{L}\p{N}][\p{L}\p{N}\p{M}_.-]{0,63})(?![\p{L}\p{N}_.#/-])/u;
/** Signs that are no part of a word: text is cut there, and an address must stay whole to be recognised. */
const MENTION_SIGN = /(?<![A-Za-z0-9_.-])@/;
const ROOM_SIGN = /(?<![\p{L}\p{N}_.\-/&#@])#/u;
/** A stop or dash at the end belongs to the sentence. */
const TRAILING = /[._-]+$/;
const WITHIN_A_WORD = /[\p{L}\p{N}_.\-/&#@]$/u;

/** Whether what stands before makes it the middle of an address, a path or a word. */
const isWithinWord = (before: readonly Token[]) => WITHIN_A_WORD.test(before.at(-1)?.raw ?? "");

function reference(type: "mention" | "room", pattern: RegExp, src: string, before: readonly Token[]) {
  const found = pattern.exec(src)?.[1];
  if (found === undefined || isWithinWord(before)) return undefined;
  const name = found.replace(TRAILING, "") || found;
  return { type, raw: src.slice(0, name.length + 1), name };
}

/** Nothing is recognised: the text stays text. */
const never = () => undefined;

/**
 * The subset of Markdown that messages have. Raw HTML, headings, rules, tables, reference definitions and indented code
 * are not recognised, so that they stand there as they were written.
 */
const marked = new Marked({
  gfm: true,
  breaks: true,
  tokenizer: {
    html: never,
    tag: never,
    heading: never,
    lheading: never,
    hr: never,
    table: never,
    def: never,
    code: never,
  },
  extensions: [
    {
      name: "mention",
      level: "inline",
      start: (src) => src.search(MENTION_SIGN),
      tokenizer: (src, before) => reference("mention", MENTION, src, before),
    },
    {
      name: "room",
      level: "inline",
      start: (src) => src.search(ROOM_SIGN),
      tokenizer: (src, before) => reference("room", ROOM, src, before),
    },
  ],
});

/** Deeper quotes and lists than eight are a prank: they would fill the screen with nothing. */
const NESTING = /^(?:[ \t]*(?:>|[*+-]|\d{1,9}[.)])[ \t]*){9,}/m;
/** The time that marks take grows with the square of their number; a text with so many is none that people write. */
const MARKS = /[*_~[]/g;
const MARKS_MOST = 600;
/** The same holds for a word that could become an address. */
const LONG_WORD = /[\w.+-]{2000}/;

const isStrange = (body: string) =>
  NESTING.test(body) || LONG_WORD.test(body) || (body.match(MARKS)?.length ?? 0) > MARKS_MOST;

/** Splits a message into tokens. Never throws: what cannot be read is one text. */
export function tokensOf(body: string): readonly Token[] {
  if (isStrange(body)) return plain(body);
  try {
    return marked.lexer(body);
  } catch {
    return plain(body);
  }
}

const plain = (body: string): readonly Token[] => [
  { type: "paragraph", raw: body, text: body, tokens: [{ type: "text", raw: body, text: body }] },
];
