export function originOf(api: string): string;
export function policyFor(origin: string): string;
export function configured(html: string, origin: string): string;
export function withRevision(worker: string, html: string): string;
export function headersFor(origin: string): string;
