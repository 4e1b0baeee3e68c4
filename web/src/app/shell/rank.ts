/** Something that the switcher can lead to. */
export interface Candidate {
  readonly id: string;
  readonly label: string;
  /** Other words it is found by. */
  readonly also?: string;
  /** Among equals the greater comes first: how recent it is, or that it is unread. */
  readonly weight?: number;
}

const fold = (text: string): string => text.normalize("NFKD").replace(/\p{M}/gu, "").toLocaleLowerCase();

/** How well a text answers a query: 0 is not at all. */
export function fit(text: string, query: string): number {
  const from = fold(text);
  const wanted = fold(query);
  if (!wanted) return 1;
  if (from === wanted) return 100;
  if (from.startsWith(wanted)) return 80;
  const words = from.split(/[\s._#-]+/u);
  if (words.some((word) => word.startsWith(wanted))) return 60;
  if (from.includes(wanted)) return 40;
  return hasInOrder(from, wanted) ? 20 : 0;
}

/** Whether all letters are there in their order from the beginning on, as in "gnrl" for "general". */
function hasInOrder(text: string, letters: string): boolean {
  if (text.replace(/^[#@]/u, "")[0] !== letters[0]) return false;
  let place = 0;
  for (const letter of letters) {
    if (letter === " ") continue;
    place = text.indexOf(letter, place) + 1;
    if (place === 0) return false;
  }
  return true;
}

/** Those that answer the query, the best first. */
export function rank<T extends Candidate>(candidates: readonly T[], query: string, most: number): T[] {
  const wanted = query.trim();
  const scored = candidates.map((candidate) => ({
    candidate,
    score: Math.max(fit(candidate.label, wanted), candidate.also ? fit(candidate.also, wanted) * 0.5 : 0),
  }));
  return scored
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score || (b.candidate.weight ?? 0) - (a.candidate.weight ?? 0))
    .slice(0, most)
    .map(({ candidate }) => candidate);
}
