import type { MomentoApiKeySettings } from './momento/momento-api-key.ts';

const MINUTE_MS = 60_000;

/** What the function is configured with. */
export interface Settings {
  momento: MomentoApiKeySettings;
  /** Milliseconds for which a v2 key goes on working after its successor was promoted, at least. */
  overlapMs: number;
}

/**
 * Reads the environment:
 *
 *  - `MOMENTO_PING_CACHE`: the cache that pings read from.
 *  - `MOMENTO_API_KEYS_ENDPOINT`: where v2 keys are managed.
 *  - `MOMENTO_ADMIN_SECRET`: name or ARN of the secret with the v2 key that manages others. Default: each manages itself.
 *  - `MOMENTO_ROLE_ID`: the role of v2 keys that succeed v1 keys. Default: v1 keys are succeeded by v1 keys.
 *  - `MOMENTO_KEY_LIFETIME_DAYS`: 1 to 3650. Default: a v2 key lives as long as its predecessor.
 *  - `MOMENTO_MINIMUM_OVERLAP_MINUTES`: 1 to 525600, which is a year. Default: 60.
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
      adminSecret: read('MOMENTO_ADMIN_SECRET'),
      roleId: read('MOMENTO_ROLE_ID'),
      lifetimeDays: wholeNumber('MOMENTO_KEY_LIFETIME_DAYS', read('MOMENTO_KEY_LIFETIME_DAYS'), 3650),
    },
    overlapMs:
      MINUTE_MS *
      (wholeNumber('MOMENTO_MINIMUM_OVERLAP_MINUTES', read('MOMENTO_MINIMUM_OVERLAP_MINUTES'), 525_600) ?? 60),
  };
}

function wholeNumber(name: string, text: string | undefined, most: number): number | undefined {
  if (text === undefined) return undefined;
  const number = /^\d{1,9}$/.test(text) ? Number(text) : 0;
  if (number < 1 || number > most) throw new Error(`${name} is not a whole number from 1 to ${most}.`);
  return number;
}
