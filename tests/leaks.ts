import { createHash } from 'node:crypto';

/** How many characters of a secret count as a part of it. Those searched for here are random, so that none occurs by chance. */
const PART = 10;

/**
 * Where secrets show in an output: whole or in part, as they are, encoded in base64, hexadecimal or URL encoding, inside
 * something that is encoded in base64, or as a hash that could be looked up.
 *
 * @returns what was found, without the secrets
 */
export function findLeaks(output: string, secrets: readonly string[]): string[] {
  const text = [output, ...decodeRuns(output)].join('\n');
  // There are thousands of parts to look for.
  const parts = new Set(partsOf(text));
  return secrets.flatMap((secret, index) => {
    const found = (needle: string) => (needle.length === PART ? parts.has(needle) : text.includes(needle));
    const leaks: string[] = [];
    if (partsOf(secret).some(found)) leaks.push(`secret ${index}, in part`);
    if (partsOf(Buffer.from(secret).toString('hex')).some(found)) leaks.push(`secret ${index}, in hexadecimal`);
    if (partsOf(encodeURIComponent(secret)).some(found)) leaks.push(`secret ${index}, URL encoded`);
    for (const algorithm of ['md5', 'sha1', 'sha256', 'sha512']) {
      const hash = createHash(algorithm).update(secret).digest();
      const forms = [hash.toString('hex').slice(0, 16), hash.toString('base64').slice(0, 16)];
      if (forms.some(found)) leaks.push(`secret ${index}, as ${algorithm}`);
    }
    return leaks;
  });
}

/** Every part of a secret. Where it is base64 itself, what it decodes to is a secret as well. */
function partsOf(secret: string): string[] {
  return Array.from({ length: Math.max(1, secret.length - PART + 1) }, (_, at) => secret.slice(at, at + PART));
}

/** What the base64 in a text decodes to, whichever of four characters it begins with. */
function decodeRuns(text: string): string[] {
  const runs = new Set([...text.matchAll(/[A-Za-z0-9+/_-]{12,}/g)].map(([run]) => run));
  return [...runs].flatMap((run) =>
    [0, 1, 2, 3].map((skip) => Buffer.from(run.slice(skip), 'base64').toString('latin1')),
  );
}
