import type { CredentialKind } from '../rotation/credential.ts';
import { createAuthConnection } from './auth-connection.ts';
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
 * @throws Error when it cannot be a cache's name
 */
export function momentoApiKey(pingCache = DEFAULT_PING_CACHE): CredentialKind<SecretValue> {
  // It travels in a header, as a key does.
  if (!/^[!-~]+$/.test(pingCache)) {
    throw new Error('MOMENTO_PING_CACHE is not the name of a cache: give it in ASCII letters, digits and punctuation.');
  }
  const connection = createAuthConnection();
  return {
    wording: {
      service: 'Momento',
      howToReplace:
        'Generate a new v1 API key with an expiry, in the Momento console or with AuthClient.generateApiKey, and save it as {"apiKey", "refreshToken", "validUntil"}.',
    },
    read: readSecretValue,
    issueSuccessor: (current, timeoutMs) => refresh(connection, current, timeoutMs),
    ping: ({ apiKey }, timeoutMs) => ping(apiKey, pingCache, timeoutMs),
  };
}
