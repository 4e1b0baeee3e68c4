import { asRefusal, refusalWords } from "../people/refusal-words.ts";

/** Why one may not leave: the one who could not be spared is told what would help. */
export function leaveRefusal(error: unknown): string {
  if (asRefusal(error)?.reason === "PERMISSION_DENIED") {
    return "You are the last administrator. Make someone else one first.";
  }
  return refusalWords(error);
}
