import type { Schedule } from './schedule.ts';

/** What the function is configured with in the campaign. */
export interface Configuration {
  /** Of v2 keys. Undefined: each manages itself. */
  adminSecret: string | undefined;
  /** The role of v2 keys by their secret's name, and of all others by `*`. */
  roles: Readonly<Record<string, string>>;
  /** v2 keys succeed v1 keys. */
  bringsOver: boolean;
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

/** @returns undefined: there are no v2 keys */
export function configurationOf({ keys, secrets, hasOptedIn }: Schedule): Configuration | undefined {
  if (keys === 'v1') return undefined;
  return {
    adminSecret: keys === 'selfManaged' ? undefined : ADMIN_SECRET,
    roles: secrets === 'threeRoles' ? { [SECOND_SECRET]: SECOND_ROLE, '*': ROLE } : { '*': ROLE },
    bringsOver: keys === 'broughtOver',
    revokesFirstKeys: hasOptedIn,
  };
}

/** The role that a secret's keys are to have. */
export function roleOf({ roles }: Configuration, name: string): string | undefined {
  return roles[name] ?? roles['*'];
}
