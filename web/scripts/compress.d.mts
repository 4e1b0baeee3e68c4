export function packed(bytes: Uint8Array): [ending: string, small: Uint8Array][];
export function compress(folder: string): Promise<void>;
