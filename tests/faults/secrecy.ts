/** As many characters as tests/leaks.ts takes for a part of a secret. */
const PART = 10;

/**
 * A quick look for a part of a secret in a text, for what is done a hundred thousand times. Encodings and hashes are
 * searched for where the bundle itself runs.
 */
export function findSecretIn(text: string, secrets: readonly string[]): string | undefined {
  const all = secrets.join('\n');
  for (let at = 0; at + PART <= text.length; at += 1) {
    if (all.includes(text.slice(at, at + PART))) return 'a part of a secret is in what was said';
  }
  return undefined;
}
