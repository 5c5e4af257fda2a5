import type { MomentoApiKeySettings } from './momento/momento-api-key.ts';
import type { SchedulerSettings } from './rotation/event-bridge-scheduler.ts';

const YEAR_SECONDS = 31_536_000;

/** What the function is configured with. */
export interface Settings {
  momento: MomentoApiKeySettings;
  /** Milliseconds for which a v2 key goes on working after its successor was promoted, at least. */
  overlapMs: number;
  /** Undefined: v2 keys are revoked by the next rotation. */
  scheduler: SchedulerSettings | undefined;
}

/**
 * Reads the environment:
 *
 *  - `MOMENTO_PING_CACHE`: the cache that pings read from.
 *  - `MOMENTO_API_KEYS_ENDPOINT`: where v2 keys are managed.
 *  - `MOMENTO_ADMIN_SECRET`: name or ARN of the secret with the v2 key that manages others. Default: each manages itself.
 *  - `MOMENTO_ROLE_ID`: the role of v2 keys that succeed v1 keys. Default: v1 keys are succeeded by v1 keys.
 *  - `MOMENTO_KEY_LIFETIME_DAYS`: 1 to 3650. Default: a v2 key lives as long as its predecessor.
 *  - `MOMENTO_OVERLAP_SECONDS`: 1 to 31536000, which is a year. Default: 3600.
 *  - `MOMENTO_REVOCATION_SCHEDULE_GROUP`, `MOMENTO_REVOCATION_ROLE_ARN`, `MOMENTO_REVOCATION_DEAD_LETTER_ARN`: what one-time
 *    schedules are made with that revoke v2 keys. Default: the next rotation revokes them.
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
    overlapMs: 1000 * (wholeNumber('MOMENTO_OVERLAP_SECONDS', read('MOMENTO_OVERLAP_SECONDS'), YEAR_SECONDS) ?? 3600),
    scheduler: readScheduler(read),
  };
}

function readScheduler(read: (name: string) => string | undefined): SchedulerSettings | undefined {
  const names = [
    'MOMENTO_REVOCATION_SCHEDULE_GROUP',
    'MOMENTO_REVOCATION_ROLE_ARN',
    'MOMENTO_REVOCATION_DEAD_LETTER_ARN',
  ] as const;
  const [group, roleArn, deadLetterArn] = names.map(read);
  if (group !== undefined && roleArn !== undefined && deadLetterArn !== undefined) {
    return { group, roleArn, deadLetterArn };
  }
  const given = names.filter((name) => read(name) !== undefined);
  if (given.length === 0) return undefined;
  const missing = names.filter((name) => !given.includes(name));
  throw new Error(
    `${missing.join(' and ')} must be set where ${given.join(' and ')} is: together they make schedules.`,
  );
}

function wholeNumber(name: string, text: string | undefined, most: number): number | undefined {
  if (text === undefined) return undefined;
  const number = /^\d{1,9}$/.test(text) ? Number(text) : 0;
  if (number < 1 || number > most) throw new Error(`${name} is not a whole number from 1 to ${most}.`);
  return number;
}
