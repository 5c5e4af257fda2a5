import { readSecretValue } from '../../src/momento/secret-value.ts';
import type { V1SecretValue } from '../../src/momento/v1-secret-value.ts';

/** A value that is known to hold a v1 key. */
export function readV1(secretString: string): V1SecretValue {
  const value = readSecretValue(secretString);
  if (value.version === 2) throw new Error('It is a v2 key.');
  return value;
}
