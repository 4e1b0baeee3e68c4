/** What a refused command says, in words for people. */
export const sayWhy = (error: unknown): string => {
  const text = error instanceof Error && error.message ? error.message : "Something went wrong";
  const begun = text.charAt(0).toLocaleUpperCase() + text.slice(1);
  return /[.!?]$/u.test(begun) ? begun : `${begun}.`;
};

/** What it says about one field. */
export function fieldProblem(error: unknown, field: string): string | undefined {
  if (typeof error !== "object" || error === null || !("fields" in error)) return undefined;
  const fields = error.fields as Readonly<Record<string, string>> | undefined;
  const text = fields?.[field];
  return text ? sayWhy(new Error(text)) : undefined;
}

export const reasonOf = (error: unknown): string | undefined =>
  typeof error === "object" && error !== null && "reason" in error ? String(error.reason) : undefined;
