import type { Token } from "marked";
import { tokensOf } from "./lexer.ts";

const LONGEST = 200;

function words(tokens: readonly Token[]): string {
  return tokens.map(wordsOf).join("");
}

function wordsOf(token: Token): string {
  if (token.type === "list") return (token["items"] as readonly Token[]).map((item) => `${wordsOf(item)} `).join("");
  if (token.type === "br" || token.type === "space") return " ";
  if (token.type === "mention" || token.type === "room") return token.raw;
  if ("tokens" in token && token.tokens) return words(token.tokens);
  return "text" in token ? String(token.text) : token.raw;
}

/** A message as one line of plain words, for previews and announcements. */
export function plainText(body: string): string {
  const line = tokensOf(body)
    .map((token) => wordsOf(token))
    .join(" ")
    .replace(/\s+/g, " ")
    .trim();
  const letters = [...line];
  return letters.length > LONGEST ? `${letters.slice(0, LONGEST).join("")}…` : line;
}
