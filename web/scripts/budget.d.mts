export function namedBy(html: string): string[];
export function importedBy(code: string): string[];
