import * as v from 'valibot';
import { isArn, isSameSecret, isSecretId } from '../rotation/secret-id.ts';
import { looksLikeApiKey } from './encoded-key.ts';

const NOT_ROLES =
  'is not a JSON object from names or ARNs of secrets, or *, to ids of roles: give it as {"momento/payments": "ROLE ID"}.';

const noApiKey = v.check<string, string>(
  (text) => !looksLikeApiKey(text),
  'holds an API key. Give ids of roles, as the Momento console shows them.',
);

/** `MOMENTO_ROLE_ID` */
export const ROLE_ID = v.pipe(v.string(), noApiKey);

/** `MOMENTO_ROLES`, as JSON text. What is empty says nothing, and was hardly meant to. */
export const ROLES = v.pipe(
  v.string(),
  v.transform(parseObject),
  v.record(
    v.pipe(
      v.string(),
      noApiKey,
      v.check((entry) => entry === '*' || isSecretId(entry), NOT_ROLES),
    ),
    v.pipe(
      v.string(NOT_ROLES),
      noApiKey,
      v.check((roleId) => roleId.trim() !== '', NOT_ROLES),
    ),
    NOT_ROLES,
  ),
  v.check((roles) => Object.keys(roles).length > 0, NOT_ROLES),
);

function parseObject(json: string): unknown {
  try {
    const value: unknown = JSON.parse(json);
    return Array.isArray(value) ? undefined : value;
  } catch {
    // The parser's message quotes the text.
    return undefined;
  }
}

/** Which role the keys of a secret are to have, as far as it is configured. */
export interface Roles {
  /** By an entry for this very secret: one with its ARN goes before one with its name. */
  namedFor(secretId: string): string | undefined;
  /** For all others. */
  forOthers: string | undefined;
}

/**
 * @param entries `MOMENTO_ROLES`: from names or ARNs of secrets, or `*` for all others, to ids of roles
 * @param roleId `MOMENTO_ROLE_ID`: the same as that of `*`
 */
export function rolesIn(entries: Readonly<Record<string, string>> = {}, roleId?: string): Roles {
  const { '*': others, ...named } = entries;
  return {
    namedFor(secretId) {
      const fitting = Object.entries(named).filter(([entry]) => isSameSecret(entry, secretId));
      return (fitting.find(([entry]) => isArn(entry)) ?? fitting[0])?.[1];
    },
    forOthers: others ?? roleId,
  };
}
