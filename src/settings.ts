import type { MomentoApiKeySettings } from './momento/momento-api-key.ts';
import { isSameSecret } from './rotation/secret-id.ts';

const YEAR_SECONDS = 31_536_000;

/** What the function is configured with. */
export interface Settings {
  momento: MomentoApiKeySettings;
  /** Milliseconds for which a v2 key goes on working after its successor was promoted, at least. */
  overlapMs: number;
  /** A schedule revokes superseded v2 keys. Otherwise rotations do. */
  revokesOnSchedule: boolean;
  /** Names or ARNs of secrets, or `*` for all: see {@link revokesFirstKey}. */
  revokeFirstKey: readonly string[];
}

/**
 * Reads the environment:
 *
 *  - `MOMENTO_PING_CACHE`: the cache that pings read from. Default: `momento-key-rotation-ping`, which need not exist.
 *  - `MOMENTO_API_KEYS_ENDPOINT`: where v2 keys are managed. Default: Momento's own address.
 *  - `MOMENTO_HOSTS`: the domains that keys may be sent to, by comma; of a Momento on this machine its host. Default: `momentohq.com`.
 *  - `MOMENTO_ADMIN_SECRET`: names or ARNs of the secrets with a v2 key that manages others, by comma. The first is for every secret
 *    whose value chooses none of the others. Default: each key manages itself.
 *  - `MOMENTO_ROLES`: a JSON object from names or ARNs of secrets, or `*` for all others, to the ids of the roles that an admin secret's
 *    key may give to their keys. A v1 key in such a secret is succeeded by a v2 key. Default: none, and v1 keys stay v1 keys.
 *  - `MOMENTO_ROLE_ID`: short for `MOMENTO_ROLES` with an entry for `*`.
 *  - `MOMENTO_KEY_LIFETIME_DAYS`: 1 to 3650. Default: a v2 key lives as long as its predecessor.
 *  - `MOMENTO_OVERLAP_SECONDS`: 1 to 31536000, which is a year. Default: 3600.
 *  - `MOMENTO_REVOKE_FIRST_KEY`: names or ARNs of secrets, by comma, or `*` for all, of which the first key, which was made by hand, is
 *    revoked as all others. Default: none, it is named in a warning.
 *
 *  - `MOMENTO_REVOKE_ON_SCHEDULE`: `true` where a schedule sends `{"RevokeRetiredKeys": […]}`, which then revokes also the keys that
 *    `AWSPREVIOUS` holds. Default: `false`, rotations revoke.
 *
 * An empty variable counts as none.
 *
 * @throws Error that names the variable
 */
export function readSettings(environment: Readonly<Record<string, string | undefined>>): Settings {
  const read = (name: string) => environment[name]?.trim() || undefined;
  const endpoint = read('MOMENTO_API_KEYS_ENDPOINT');
  return {
    momento: {
      pingCache: environment['MOMENTO_PING_CACHE'] || undefined,
      ...(endpoint !== undefined && { apiKeysEndpoint: endpoint }),
      adminSecrets: list(read('MOMENTO_ADMIN_SECRET')),
      roles: readRoles(read('MOMENTO_ROLES')),
      roleId: read('MOMENTO_ROLE_ID'),
      lifetimeDays: wholeNumber('MOMENTO_KEY_LIFETIME_DAYS', read('MOMENTO_KEY_LIFETIME_DAYS'), 3650),
      hosts: list(read('MOMENTO_HOSTS')),
    },
    overlapMs: 1000 * (wholeNumber('MOMENTO_OVERLAP_SECONDS', read('MOMENTO_OVERLAP_SECONDS'), YEAR_SECONDS) ?? 3600),
    revokesOnSchedule: yesOrNo('MOMENTO_REVOKE_ON_SCHEDULE', read('MOMENTO_REVOKE_ON_SCHEDULE')),
    revokeFirstKey: list(read('MOMENTO_REVOKE_FIRST_KEY')) ?? [],
  };
}

/** Whether the first key of a secret, which was made by hand, is revoked as all others. */
export function revokesFirstKey({ revokeFirstKey }: Pick<Settings, 'revokeFirstKey'>, secretId: string): boolean {
  return revokeFirstKey.some((entry) => entry === '*' || isSameSecret(entry, secretId));
}

/** Undefined: nothing is in it. */
function list(text = ''): string[] | undefined {
  const entries = text.split(',').map((entry) => entry.trim());
  const given = entries.filter((entry) => entry !== '');
  return given.length === 0 ? undefined : given;
}

function readRoles(text: string | undefined): Record<string, string> | undefined {
  if (text === undefined) return undefined;
  const roles = parse(text);
  const isObject = typeof roles === 'object' && roles !== null && !Array.isArray(roles);
  const entries = isObject ? Object.entries(roles) : [];
  // What is empty says nothing, and was hardly meant to.
  if (entries.length === 0 || !entries.flat().every((each) => typeof each === 'string' && each.trim() !== '')) {
    throw new Error(
      'MOMENTO_ROLES is not a JSON object from names or ARNs of secrets, or *, to ids of roles: give it as {"momento/payments": "ROLE ID"}.',
    );
  }
  return Object.fromEntries(entries);
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    // The parser's message quotes the text.
    return undefined;
  }
}

function yesOrNo(name: string, text = 'false'): boolean {
  if (text === 'true' || text === 'false') return text === 'true';
  throw new Error(`${name} is neither true nor false.`);
}

function wholeNumber(name: string, text: string | undefined, most: number): number | undefined {
  if (text === undefined) return undefined;
  const number = /^\d{1,9}$/.test(text) ? Number(text) : 0;
  if (number < 1 || number > most) throw new Error(`${name} is not a whole number from 1 to ${most}.`);
  return number;
}
