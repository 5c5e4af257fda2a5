import type { CredentialProvider } from '@gomomento/sdk';

/**
 * What is known of a secret's keys, and what follows from it: which key is served, and when the secret is read. Nothing here
 * does anything; times are epochs in milliseconds.
 */
export interface KnownKeys {
  readonly current: Key | undefined;
  /** The one before. It goes on working unless it was revoked. */
  readonly previous: Key | undefined;
  /** When the secret was read last, and when it is to be read again. */
  readonly readAt: number;
  readonly dueAt: number;
  /** Whether the last read failed. */
  readonly failing: boolean;
  /** How many reads in a row were of no use, because they failed or brought a key that Momento refuses. */
  readonly uselessReads: number;
  readonly uselessAt: number;
}

export interface Key {
  /** Tells keys apart. Sensitive. */
  readonly identity: string;
  readonly provider: CredentialProvider;
  readonly versionId: string | undefined;
  readonly expiresAt: number;
  /** When Momento refused it last. */
  readonly refusedAt: number;
}

/** What was read. */
export type ReadKey = Omit<Key, 'refusedAt'>;

/** What to do for who asks for the key. */
export interface Advice {
  serve: Key | undefined;
  /** Whether the secret is to be read, if it is not too early. */
  read: boolean;
  /** Whether to wait for that read before the key is served. */
  wait: 'not' | 'briefly' | 'until it ends';
}

/** After this many times to live a key is stale: it may well have been replaced and revoked. */
const STALE_AFTER = 2;
const JITTER = 0.1;
/** A key that was not refused for so long is as good as any: it may have been a passing trouble of Momento's. */
const REFUSED_MS = 5 * 60_000;
const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 60_000;
/** While nothing works, whoever mends it is not to wait for long. */
const LONGEST_PAUSE_WITHOUT_KEY_MS = 5000;

export const NO_KEYS: KnownKeys = {
  current: undefined,
  previous: undefined,
  readAt: 0,
  dueAt: 0,
  failing: false,
  uselessReads: 0,
  uselessAt: 0,
};

export function advise(keys: KnownKeys, now: number, ttlMs: number): Advice {
  const { current, readAt, dueAt, failing, uselessAt } = keys;
  if (!current) return { serve: undefined, read: true, wait: 'until it ends' };
  const serve = served(keys, now);
  // A clock that was set back may not reach that time for long.
  const read = now >= dueAt || now < readAt;
  // Whoever comes when reading has just failed would wait in vain.
  if (!read || (failing && isWithin(2 * LONGEST_PAUSE_MS, uselessAt, now))) return { serve, read, wait: 'not' };
  if (now >= current.expiresAt) return { serve, read, wait: 'until it ends' };
  return { serve, read, wait: now >= readAt + STALE_AFTER * ttlMs ? 'briefly' : 'not' };
}

/** What Momento refuses is not served while there is something better, until it is time to look again. */
export function served(keys: KnownKeys, now: number): Key | undefined {
  const { current, previous } = keys;
  if (!current || !isRefused(current, now) || !isPostponed(keys, now)) return current;
  return previous && works(previous, now) ? previous : current;
}

/**
 * Whether it is too early to read again: after a read that was of no use, for a second, then for two, and so on up to a
 * minute, or up to five seconds as long as there is no key that works.
 */
export function isPostponed(keys: KnownKeys, now: number): boolean {
  const { current, previous, uselessReads, uselessAt } = keys;
  if (uselessReads === 0) return false;
  const hasKey = [current, previous].some((key) => key && works(key, now));
  const longest = hasKey ? LONGEST_PAUSE_MS : LONGEST_PAUSE_WITHOUT_KEY_MS;
  return isWithin(Math.min(longest, FIRST_PAUSE_MS * 2 ** (uselessReads - 1)), uselessAt, now);
}

export function keyWith(keys: KnownKeys, identity: string): Key | undefined {
  return [keys.current, keys.previous].find((key) => key?.identity === identity);
}

/** @param random from 0 to 1: processes that started together are not to read together. */
export function afterRead(
  keys: KnownKeys,
  read: ReadKey,
  { now, ttlMs, forced, random }: { now: number; ttlMs: number; forced: boolean; random: number },
): KnownKeys {
  const known = keyWith(keys, read.identity);
  const key: Key = { ...read, refusedAt: known?.refusedAt ?? Number.NEGATIVE_INFINITY };
  const isSame = known !== undefined && known === keys.current;
  const dueAt = now + ttlMs * (1 + JITTER * random);
  const after: KnownKeys = {
    ...keys,
    current: key,
    previous: isSame ? keys.previous : keys.current,
    readAt: now,
    dueAt: now < key.expiresAt ? Math.min(dueAt, key.expiresAt) : dueAt,
    failing: false,
  };
  if (isSame ? forced : isRefused(key, now)) return afterUselessRead(after, now);
  return isRefused(key, now) ? after : { ...after, uselessReads: 0 };
}

export function afterFailure(keys: KnownKeys, now: number): KnownKeys {
  return { ...afterUselessRead(keys, now), failing: true };
}

/** When the current key is refused for the first time in a while, the secret may be read at once. */
export function afterRefusal(keys: KnownKeys, provider: CredentialProvider, now: number): KnownKeys {
  const marked = (key: Key | undefined) => (key?.provider === provider ? { ...key, refusedAt: now } : key);
  const { current, previous, uselessReads } = keys;
  const isNews = current?.provider === provider && !isRefused(current, now);
  return {
    ...keys,
    current: marked(current),
    previous: marked(previous),
    uselessReads: isNews ? 0 : uselessReads,
  };
}

export function isRefused({ refusedAt }: Key, now: number): boolean {
  return isWithin(REFUSED_MS, refusedAt, now);
}

function afterUselessRead(keys: KnownKeys, now: number): KnownKeys {
  return { ...keys, uselessReads: keys.uselessReads + 1, uselessAt: now };
}

function works(key: Key, now: number): boolean {
  return !isRefused(key, now) && now < key.expiresAt;
}

/** Whether that time has begun and is not over. A clock that was set back has not seen it begin. */
function isWithin(ms: number, since: number, now: number): boolean {
  const age = now - since;
  return age >= 0 && age < ms;
}
