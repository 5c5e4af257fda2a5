import type { MomentoApiKeySettings } from '../../src/momento/momento-api-key.ts';
import type { Schedule } from './schedule.ts';

/** What the function is configured with in the campaign. */
export interface Configuration extends MomentoApiKeySettings {
  hosts: readonly string[];
  /** None: v2 keys manage themselves. */
  adminSecrets: readonly string[];
  /** By secrets' names, and for all others by `*`. */
  roles: Readonly<Record<string, string>> | undefined;
  /** A first key that was made by hand is revoked like others. */
  revokesFirstKeys: boolean;
}

/** For which a key that can be revoked goes on working after it was superseded, at least. */
export const OVERLAP_MS = 3_600_000;

/** The domains whose hosts keys may be sent to. */
export const HOSTS = ['example.com'];

/** Where the account's keys work. */
export const ENDPOINT = 'cell.example.com';

export const [FIRST_SECRET, SECOND_SECRET, ADMIN_SECRET] = [
  'momento/authentication-token',
  'momento/orders',
  'momento/admin',
] as const;

/** Of the secrets' keys, of those that may do less, and of the key that manages the others. */
export const [ROLE, SECOND_ROLE, LESSER_ROLE, ADMIN_ROLE] = ['payments', 'orders', 'fewer-rights', 'owner'] as const;

export function configurationOf({ keys, secrets, hasOptedIn }: Schedule): Configuration {
  const roles = secrets === 'threeRoles' ? { [SECOND_SECRET]: SECOND_ROLE, '*': ROLE } : { '*': ROLE };
  const isManaged = keys === 'managed' || keys === 'broughtOver';
  return {
    hosts: HOSTS,
    adminSecrets: isManaged ? [ADMIN_SECRET] : [],
    roles: isManaged ? roles : undefined,
    revokesFirstKeys: hasOptedIn,
  };
}

/** The role that a secret's keys are to have. Undefined: none is configured. */
export function roleOf({ roles = {} }: Configuration, name: string): string | undefined {
  return roles[name] ?? roles['*'];
}

/** The secret with the key that manages a secret's keys. Undefined: they manage themselves. */
export function managerOf({ adminSecrets }: Configuration, name: string): string | undefined {
  return adminSecrets.includes(name) ? undefined : adminSecrets[0];
}
