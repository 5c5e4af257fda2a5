import { InvalidValueError } from '../rotation/errors.ts';
import { readApiKey, type V1ApiKey } from './api-key.ts';
import { epochSeconds, isBlank, keyFields, name, text } from './fields.ts';
import type { EditableValue } from './secret-fields.ts';
import type { FreshV2Key } from './v2-secret-value.ts';

/** The value of a secret that holds a v1 API key. Sensitive. */
export interface V1SecretValue {
  version: 1;
  apiKey: V1ApiKey;
  /** When Momento stops accepting the key. Undefined: never. */
  expiresAt: Date | undefined;
  /** The field that says where the key's account lives: the key's own. */
  endpointField: string;
  /** Empty: it is not needed. */
  refreshToken: string;
  /** A v2 key is to succeed it. */
  isBroughtOver: boolean;
  /** What the secret itself says about that, which has to agree with what is configured. */
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
 * @param bringsOver v2 keys are to succeed v1 keys; otherwise only where `roleId` and `adminSecret` stand beside the key
 * @throws InvalidValueError
 */
export function readV1SecretValue({ fields, change }: EditableValue, bringsOver: boolean): V1SecretValue {
  const { names, encoded, field } = keyFields(fields, V1_SHAPE);
  const apiKey = readApiKey(encoded, field) as V1ApiKey;

  // What is no string is somebody else's field.
  const optional = (field: string) =>
    isBlank(fields, field) || typeof fields.get(field) !== 'string' ? undefined : name(fields, field, V1_SHAPE);
  const [roleId, adminSecret] = [optional('roleId'), optional('adminSecret')];
  const isBroughtOver = bringsOver || (adminSecret !== undefined && roleId !== undefined);
  // What succeeds it takes neither.
  const mayLack = (field: string) => isBroughtOver && isBlank(fields, field);
  if (isBlank(fields, 'refreshToken') && isBlank(fields, 'validUntil') && !isBroughtOver) {
    throw new InvalidValueError(
      'Fields "refreshToken" and "validUntil" are missing: a key that never expires cannot be refreshed. Use a key with an expiry, which comes with a refresh token.',
    );
  }
  const withApiKey = (key: string) => Object.fromEntries(names.map((name) => [name, key]));
  return {
    version: 1,
    apiKey,
    endpointField: field,
    refreshToken: mayLack('refreshToken') ? '' : text(fields, 'refreshToken', V1_SHAPE),
    expiresAt: mayLack('validUntil') ? undefined : epochSeconds(fields, 'validUntil', V1_SHAPE),
    isBroughtOver,
    roleId,
    adminSecret,
    withKey: ({ apiKey: key, ...others }) => change({ ...withApiKey(key), ...others }),
    withV2Key: ({ apiKey: key, ...others }) =>
      change({
        ...withApiKey(key),
        refreshToken: undefined,
        endpoint: apiKey.endpoint,
        ...others,
      }),
  };
}
