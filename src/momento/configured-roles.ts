import { isArn, isSameSecret } from '../rotation/secret-id.ts';
import { looksLikeApiKey } from './api-key.ts';

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
 * @throws Error that names the variable
 */
export function readRoles(entries: Readonly<Record<string, string>> = {}, roleId?: string): Roles {
  const { '*': others, ...named } = entries;
  if (roleId !== undefined && others !== undefined && others !== roleId) {
    throw new Error('MOMENTO_ROLE_ID and the entry "*" of MOMENTO_ROLES name two roles. Keep one of them.');
  }
  if ([...Object.entries(entries).flat(), roleId ?? ''].some(looksLikeApiKey)) {
    throw new Error(
      'MOMENTO_ROLES or MOMENTO_ROLE_ID holds an API key. Give ids of roles, as the Momento console shows them.',
    );
  }
  return {
    namedFor(secretId) {
      const fitting = Object.entries(named).filter(([entry]) => isSameSecret(entry, secretId));
      return (fitting.find(([entry]) => isArn(entry)) ?? fitting[0])?.[1];
    },
    forOthers: others ?? roleId,
  };
}
