import * as v from 'valibot';
import { API_KEYS_ENDPOINT } from './momento/api-keys-endpoint.ts';
import { ROLE_ID, ROLES } from './momento/configured-roles.ts';
import { looksLikeApiKey } from './momento/encoded-key.ts';
import { isDomain, THIS_MACHINE } from './momento/hosts.ts';
import type { MomentoApiKeySettings } from './momento/momento-api-key.ts';
import { isSameSecret, isSecretId } from './rotation/secret-id.ts';

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

export const MOST_LIFETIME_DAYS = 3650;
const DEFAULT_OVERLAP_SECONDS = 3600;
/** A year. */
const MOST_OVERLAP_SECONDS = 31_536_000;

const HOST = v.pipe(
  v.string(),
  v.check(
    (entry) => THIS_MACHINE.includes(entry.toLowerCase()) || isDomain(entry.toLowerCase()),
    "is not a domain: give those under which Momento's hosts are, by comma, as momentohq.com, without ports; and for a Momento on this machine 127.0.0.1.",
  ),
);

const SECRET = v.pipe(
  v.string(),
  v.check(
    (entry) => !looksLikeApiKey(entry),
    'holds an API key. Store that in a secret, and give the name of the secret.',
  ),
  v.check(isSecretId, 'is not the name of a secret, nor its ARN.'),
);

/**
 * The environment variables, and how the text of each is read. What is wrong with one, a message says after its name.
 *
 * Synthesis reads what it sets by the same, so that nothing is deployed that the function would refuse.
 */
export const VARIABLES = {
  /** The cache that pings read from. It travels in a header, as a key does. Default: `momento-key-rotation-ping`, which need not exist. */
  MOMENTO_PING_CACHE: v.pipe(
    v.string(),
    v.regex(/^[!-~]+$/, 'is not the name of a cache: give it in ASCII letters, digits and punctuation.'),
    v.check((name) => !looksLikeApiKey(name), 'holds an API key. Give the name of a cache.'),
  ),
  /** Where v2 keys are managed. Default: Momento's own address. */
  MOMENTO_API_KEYS_ENDPOINT: API_KEYS_ENDPOINT,
  /** The domains that keys may be sent to, by comma; of a Momento on this machine its host. Default: `momentohq.com`. */
  MOMENTO_HOSTS: listOf(HOST),
  /**
   * Names or ARNs of the secrets with a v2 key that manages others, by comma. The first is for every secret whose value chooses none of
   * the others. Default: each key manages itself.
   */
  MOMENTO_ADMIN_SECRET: listOf(SECRET),
  /**
   * A JSON object from names or ARNs of secrets, or `*` for all others, to the ids of the roles that an admin secret's key may give to
   * their keys. A v1 key in such a secret is succeeded by a v2 key. Default: none, and v1 keys stay v1 keys.
   */
  MOMENTO_ROLES: ROLES,
  /** Short for `MOMENTO_ROLES` with an entry for `*`. */
  MOMENTO_ROLE_ID: ROLE_ID,
  /** 1 to 3650. Default: a v2 key lives as long as its predecessor. */
  MOMENTO_KEY_LIFETIME_DAYS: wholeNumber(MOST_LIFETIME_DAYS),
  /** 1 to 31536000, which is a year. Default: 3600. */
  MOMENTO_OVERLAP_SECONDS: wholeNumber(MOST_OVERLAP_SECONDS),
  /**
   * Names or ARNs of secrets, by comma, or `*` for all, of which the first key, which was made by hand, is revoked as all others.
   * Default: none, it is named in a warning.
   */
  MOMENTO_REVOKE_FIRST_KEY: listOf(v.lazy((entry) => (entry === '*' ? v.string() : SECRET))),
  /**
   * `true` where a schedule sends `{"RevokeRetiredKeys": […]}`, which then revokes also the keys that `AWSPREVIOUS` holds. Default:
   * `false`, rotations revoke.
   */
  MOMENTO_REVOKE_ON_SCHEDULE: v.pipe(
    v.picklist(['true', 'false'], 'is neither true nor false.'),
    v.transform((text) => text === 'true'),
  ),
};

/** The name of an environment variable. */
export type VariableName = keyof typeof VARIABLES;

/** All of them. An empty one counts as none. */
const ENVIRONMENT = v.pipe(
  v.partial(v.object(VARIABLES)),
  v.check(
    ({ MOMENTO_ROLE_ID: roleId, MOMENTO_ROLES: roles }) =>
      roleId === undefined || roles?.['*'] === undefined || roleId === roles['*'],
    'MOMENTO_ROLE_ID and the entry "*" of MOMENTO_ROLES name two roles. Keep one of them.',
  ),
  v.check(
    (given) => given.MOMENTO_ADMIN_SECRET !== undefined || (given.MOMENTO_ROLES ?? given.MOMENTO_ROLE_ID) === undefined,
    ({ input }) =>
      `${input.MOMENTO_ROLES === undefined ? 'MOMENTO_ROLE_ID' : 'MOMENTO_ROLES'} says which roles an admin secret's key may give, for which MOMENTO_ADMIN_SECRET has to name the secret with a key that may manage keys.`,
  ),
);

/** A setting that the function cannot work with. The message names the variable and what to do, and never holds the value. */
export class InvalidSettingError extends Error {
  override readonly name = 'InvalidSettingError';
}

/**
 * Reads the {@link VARIABLES}.
 *
 * @throws InvalidSettingError
 */
export function readSettings(environment: Readonly<Record<string, string | undefined>>): Settings {
  const texts = Object.keys(VARIABLES).map((name) => [name, textOf(name, environment[name] ?? '')]);
  const given = Object.fromEntries(texts.filter(([, text]) => text !== ''));
  const { success, issues, output } = v.safeParse(ENVIRONMENT, given, { abortEarly: true });
  if (!success) throw new InvalidSettingError(explain(issues[0]));
  return {
    momento: {
      pingCache: output.MOMENTO_PING_CACHE,
      apiKeysEndpoint: output.MOMENTO_API_KEYS_ENDPOINT,
      adminSecrets: output.MOMENTO_ADMIN_SECRET,
      roles: output.MOMENTO_ROLES,
      roleId: output.MOMENTO_ROLE_ID,
      lifetimeDays: output.MOMENTO_KEY_LIFETIME_DAYS,
      hosts: output.MOMENTO_HOSTS,
    },
    overlapMs: 1000 * (output.MOMENTO_OVERLAP_SECONDS ?? DEFAULT_OVERLAP_SECONDS),
    revokesOnSchedule: output.MOMENTO_REVOKE_ON_SCHEDULE ?? false,
    revokeFirstKey: output.MOMENTO_REVOKE_FIRST_KEY ?? [],
  };
}

/** Whether the first key of a secret, which was made by hand, is revoked as all others. */
export function revokesFirstKey({ revokeFirstKey }: Pick<Settings, 'revokeFirstKey'>, secretId: string): boolean {
  return revokeFirstKey.some((entry) => entry === '*' || isSameSecret(entry, secretId));
}

/** Blanks around it say nothing, except that they are no part of a cache's name. */
function textOf(name: string, text: string): string {
  return name === 'MOMENTO_PING_CACHE' ? text : text.trim();
}

/** Texts by comma. Undefined: nothing is in it. */
function listOf<const Entry extends v.GenericSchema<string, string>>(entry: Entry) {
  return v.pipe(v.string(), v.transform(list), v.optional(v.array(entry)));
}

function list(text: string): string[] | undefined {
  const entries = text.split(',').map((entry) => entry.trim());
  const given = entries.filter((entry) => entry !== '');
  return given.length === 0 ? undefined : given;
}

function wholeNumber(most: number) {
  const message = `is not a whole number from 1 to ${most}.`;
  return v.pipe(
    v.string(),
    v.regex(/^\d{1,9}$/, message),
    v.transform(Number),
    v.check((number) => number >= 1 && number <= most, message),
  );
}

/**
 * What is wrong with one of several values, after its name, or that of one of its entries.
 *
 * @param nameOf what the value with a key is called
 */
export function explain({ path, message }: v.BaseIssue<unknown>, nameOf: (key: string) => string = String): string {
  const [value, entry] = path ?? [];
  if (value === undefined) return message;
  return `${nameOf(String(value.key))}${typeof entry?.key === 'number' ? `: entry ${entry.key + 1}` : ''} ${message}`;
}
