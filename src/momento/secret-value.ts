import { isV2ApiKey } from './encoded-key.ts';
import { readEditable } from './secret-fields.ts';
import { readV1SecretValue, V1_SHAPE, type V1SecretValue } from './v1-secret-value.ts';
import { readV2SecretValue, V2_SHAPE, type V2SecretValue } from './v2-secret-value.ts';

/** The value of a secret that can be rotated. Sensitive. */
export type SecretValue = V1SecretValue | V2SecretValue;

/**
 * Reads a secret's value, in the version that its own shape says: a v2 key, or what only a v2 key has beside it, make it
 * `{"apiKey", "endpoint", "keyId", "roleId", "validUntil"?}`; anything else is `{"apiKey", "refreshToken", "validUntil"}`.
 *
 * @param bringsOver v2 keys are to succeed v1 keys, also those that never expire and cannot be refreshed
 * @throws InvalidValueError when it is not a key that can be rotated. The message names the field, never its value.
 */
export function readSecretValue(secretString: string, bringsOver = false): SecretValue {
  const value = readEditable(secretString, `${V1_SHAPE}, or ${V2_SHAPE}`);
  const { fields } = value;
  const holdsV2Key = ['apiKey', 'authToken'].some((name) => {
    const key = fields.get(name);
    return typeof key === 'string' && isV2ApiKey(key);
  });
  const looksLikeV2 = fields.has('keyId') && !fields.has('refreshToken');
  return holdsV2Key || looksLikeV2 ? readV2SecretValue(value) : readV1SecretValue(value, bringsOver);
}

/** Of a value that is about to be stored: what cannot be read back must not be, since a version is immutable. */
export function readIfValid(secretString: string): SecretValue | undefined {
  try {
    return readSecretValue(secretString);
  } catch {
    return undefined;
  }
}
