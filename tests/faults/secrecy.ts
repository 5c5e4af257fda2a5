/** As many characters as tests/leaks.ts takes for a part of a secret. */
const PART = 10;

/**
 * A quick look for a part of a secret in a text, for what is done a hundred thousand times. Encodings and hashes are
 * searched for where the bundle itself runs.
 */
export function findSecretIn(text: string, secrets: readonly string[]): string | undefined {
  const parts = new Set<string>();
  for (const secret of secrets) {
    for (let at = 0; at + PART <= secret.length; at += 1) parts.add(secret.slice(at, at + PART));
  }
  for (let at = 0; at + PART <= text.length; at += 1) {
    if (parts.has(text.slice(at, at + PART))) return 'a part of a secret is in what was said';
  }
  return undefined;
}
