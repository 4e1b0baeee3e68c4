const LEAST = 8;
const MOST = 256;

/** What is wrong with a new password, by the server's rules; nothing when nothing is. Common ones only the server knows. */
export function passwordProblem(password: string, name: string): string | undefined {
  const bytes = new TextEncoder().encode(password).length;
  if (bytes < LEAST) return "At least 8 characters.";
  if (bytes > MOST) return "At most 256 bytes: this one is too long.";
  if (name && password.toLowerCase().includes(name.toLowerCase())) return "It must not contain your name.";
  return undefined;
}
