import { InvalidValueError } from '../rotation/errors.ts';
import { readApiKey, type V2ApiKey } from './api-key.ts';
import { isV2ApiKey } from './encoded-key.ts';
import { epochSeconds, isBlank, keyFields, name, text } from './fields.ts';
import type { EditableValue } from './secret-fields.ts';

/** The value of a secret that holds a v2 API key. Sensitive. */
export interface V2SecretValue {
  version: 2;
  apiKey: V2ApiKey;
  /** When Momento stops accepting the key. Undefined: never. */
  expiresAt: Date | undefined;
  /** The field that says where the key's account lives. */
  endpointField: string;
  /** The key's `key_id`. */
  id: string;
  roleId: string;
  /** Name or ARN of the secret that holds the key by which this one is managed, one of those configured. Undefined: the first. */
  adminSecret: string | undefined;
  /** The value with another key in it: the same fields in the same order, and every character of other fields as it was. */
  withV2Key(key: FreshV2Key): string;
}

/** What Momento's HTTP API hands out. Sensitive. */
export interface FreshV2Key {
  apiKey: string;
  keyId: string;
  roleId: string;
  /** Epoch in seconds. Undefined: it never expires. */
  validUntil: number | undefined;
}

export const V2_SHAPE = '{"apiKey": …, "endpoint": …, "keyId": …, "roleId": …, "validUntil"?: …} for a v2 key';

/**
 * Reads a secret's value: `{"apiKey", "endpoint", "keyId", "roleId"}`. A key that expires also has `validUntil`, an epoch in
 * seconds, as a number or a string; and where several admin secrets are configured, `adminSecret` may choose among them.
 *
 * @throws InvalidValueError
 */
export function readV2SecretValue({ fields, change }: EditableValue): V2SecretValue {
  const { names, encoded, field } = keyFields(fields, V2_SHAPE);
  if (!isV2ApiKey(encoded)) {
    throw new InvalidValueError(`Field "${field}" is not a v2 API key. Copy the key again, whole.`);
  }
  return {
    version: 2,
    apiKey: readApiKey(encoded, field, text(fields, 'endpoint', V2_SHAPE)) as V2ApiKey,
    endpointField: 'endpoint',
    id: name(fields, 'keyId', V2_SHAPE),
    roleId: name(fields, 'roleId', V2_SHAPE),
    expiresAt: isBlank(fields, 'validUntil') ? undefined : epochSeconds(fields, 'validUntil', V2_SHAPE),
    adminSecret: isBlank(fields, 'adminSecret') ? undefined : name(fields, 'adminSecret', V2_SHAPE),
    withV2Key: ({ apiKey, keyId, validUntil }) =>
      change({
        ...Object.fromEntries(names.map((name) => [name, apiKey])),
        keyId,
        // A blank field says already that a key never expires.
        ...(validUntil === undefined && isBlank(fields, 'validUntil') ? {} : { validUntil }),
      }),
  };
}
