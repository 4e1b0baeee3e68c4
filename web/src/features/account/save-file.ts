/** Hands a file to the browser, which saves it where the person wants it. */
export function saveFile(content: Blob, name: string) {
  const address = URL.createObjectURL(content);
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  // The download has its own hold on the content once it began.
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

/** "hubbub-ada-2026-05-13.json": found again years later. */
export function exportName(person: string, now: Date): string {
  const day = [now.getFullYear(), now.getMonth() + 1, now.getDate()].map((part) => String(part).padStart(2, "0"));
  return `hubbub-${person}-${day.join("-")}.json`;
}
