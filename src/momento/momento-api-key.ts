import type { CredentialKind } from '../rotation/credential.ts';
import { ping } from './ping.ts';
import { refresh } from './refresh.ts';
import { readSecretValue, type SecretValue } from './secret-value.ts';

/** The name says what it is for to whoever meets it in a log. The cache need not exist. */
export const DEFAULT_PING_CACHE = 'momento-key-rotation-ping';

/**
 * Momento's v1 API keys, as a kind of credential that can be rotated.
 *
 * @param pingCache the cache that pings read from, `MOMENTO_PING_CACHE`. Best one that the keys may read.
 * @default 'momento-key-rotation-ping', which need not exist
 */
export function momentoApiKey(pingCache = DEFAULT_PING_CACHE): CredentialKind<SecretValue> {
  return {
    wording: {
      service: 'Momento',
      howToReplace:
        'Generate a new API key with an expiry in the Momento console, and download it as {"apiKey", "refreshToken", "validUntil"}.',
    },
    read: readSecretValue,
    issueSuccessor: refresh,
    ping: ({ apiKey }, timeoutMs) => ping(apiKey, pingCache, timeoutMs),
  };
}
