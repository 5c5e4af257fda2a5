import type { Credential } from '../rotation/credential.ts';
import { InvalidValueError } from '../rotation/errors.ts';
import { readApiKey, type V1ApiKey } from './api-key.ts';
import { changeFields, epochSeconds, type Fields, isBlank, keyFields, text } from './secret-fields.ts';
import type { FreshV2Key } from './v2-secret-value.ts';

/** The value of a secret that holds a v1 API key. Sensitive. */
export interface V1SecretValue extends Credential {
  version: 1;
  apiKey: V1ApiKey;
  refreshToken: string;
  expiresAt: Date;
  /** What a v1 secret that is to be brought over to v2 has beside its key. */
  roleId: string | undefined;
  adminSecret: string | undefined;
  /**
   * The value with another key in it: the same fields in the same order, `validUntil` in the type it had, and every
   * character that belongs to other fields as it was.
   */
  withKey(key: FreshV1Key): string;
  /** The value with a v2 key in it, in the place of the v1 key, and without its refresh token. */
  withV2Key(key: FreshV2Key): string;
}

/** What Momento hands out for a refresh token. Sensitive. */
interface FreshV1Key {
  apiKey: string;
  refreshToken: string;
  /** Epoch in seconds. */
  validUntil: number;
}

export const V1_SHAPE = '{"apiKey": …, "refreshToken": …, "validUntil": …}, as the Momento console downloads it';

/**
 * Reads a secret's value: `{"apiKey", "refreshToken", "validUntil"}`, or with the older name `authToken` for the key.
 * `validUntil` is an epoch in seconds, as a number or a string. If both names of the key are there, they must agree.
 *
 * @throws InvalidValueError
 */
export function readV1SecretValue(secretString: string, fields: Fields): V1SecretValue {
  const { names, encoded, field } = keyFields(fields, V1_SHAPE);
  const apiKey = readApiKey(encoded, field) as V1ApiKey;

  if (isBlank(fields, 'refreshToken') && isBlank(fields, 'validUntil')) {
    throw new InvalidValueError(
      'Fields "refreshToken" and "validUntil" are missing: a key that never expires cannot be refreshed. Use a key with an expiry, which comes with a refresh token.',
    );
  }
  const withApiKey = (key: string) => Object.fromEntries(names.map((name) => [name, key]));
  const optional = (name: string) => {
    const value: unknown = fields.get(name)?.value.value;
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
  return {
    version: 1,
    apiKey,
    refreshToken: text(fields, 'refreshToken', V1_SHAPE),
    expiresAt: epochSeconds(fields, 'validUntil', V1_SHAPE),
    roleId: optional('roleId'),
    adminSecret: optional('adminSecret'),
    withKey: ({ apiKey: key, ...others }) => changeFields(secretString, fields, { ...withApiKey(key), ...others }),
    withV2Key: ({ apiKey: key, ...others }) =>
      changeFields(secretString, fields, {
        ...withApiKey(key),
        refreshToken: undefined,
        endpoint: apiKey.endpoint,
        ...others,
      }),
  };
}
