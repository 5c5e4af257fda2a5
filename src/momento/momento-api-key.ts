import type { CredentialKind } from '../rotation/credential.ts';
import { apiKeysEndpoint, DEFAULT_API_KEYS_ENDPOINT } from './api-keys-endpoint.ts';
import { createAuthConnection } from './auth-connection.ts';
import { type AuthoritySettings, readAuthority } from './authority.ts';
import { type KeyRegisterSettings, keyRegisterOf } from './key-register.ts';
import { ping } from './ping.ts';
import { refresh } from './refresh.ts';
import { readSecretValue, type SecretValue } from './secret-value.ts';
import type { V1SecretValue } from './v1-secret-value.ts';

/** The name says what it is for to whoever meets it in a log. The cache need not exist. */
export const DEFAULT_PING_CACHE = 'momento-key-rotation-ping';

export interface MomentoApiKeySettings extends AuthoritySettings, Partial<KeyRegisterSettings> {
  /**
   * The cache that pings read from, `MOMENTO_PING_CACHE`. Best one that the keys may read.
   * @default 'momento-key-rotation-ping', which need not exist
   */
  pingCache?: string | undefined;
  /**
   * Where v2 keys are managed, `MOMENTO_API_KEYS_ENDPOINT`: HTTPS, unless it is on this machine.
   * @default 'https://mga.registry.prod.a.momentohq.com'
   */
  apiKeysEndpoint?: string;
}

/**
 * Momento's API keys, as a kind of credential that can be rotated: v1 keys are refreshed, v2 keys are generated. Which of them a key
 * is, its secret says by its shape; what may be done with it, the settings say for each secret.
 *
 * @returns the kind for a secret, by its name or ARN
 * @throws Error when a setting makes no sense; the message names it
 */
export function momentoApiKey(settings: MomentoApiKeySettings = {}): (secretId: string) => CredentialKind<SecretValue> {
  const { pingCache = DEFAULT_PING_CACHE, lifetimeDays } = settings;
  // It travels in a header, as a key does.
  if (!/^[!-~]+$/.test(pingCache)) {
    throw new Error('MOMENTO_PING_CACHE is not the name of a cache: give it in ASCII letters, digits and punctuation.');
  }
  const register: KeyRegisterSettings = {
    apiKeysEndpoint: apiKeysEndpoint(settings.apiKeysEndpoint ?? DEFAULT_API_KEYS_ENDPOINT),
    lifetimeDays,
  };
  const authorityOf = readAuthority(settings);
  const connection = createAuthConnection();
  return (secretId) => {
    const { bringsOver, requireHost, managementOf } = authorityOf(secretId);
    return {
      wording: {
        service: 'Momento',
        howToReplace:
          'Generate a new v1 API key with an expiry, in the Momento console or with AuthClient.generateApiKey, and save it as {"apiKey", "refreshToken", "validUntil"}; or a v2 key, and save it as {"apiKey", "endpoint", "keyId", "roleId", "validUntil"}.',
      },
      read(secretString) {
        const value = readSecretValue(secretString, bringsOver);
        requireHost(value);
        managementOf(value);
        return value;
      },
      inspect: (secretString) => readSecretValue(secretString, bringsOver),
      // A v2 key has a register.
      issueSuccessor: (current, timeoutMs) => refresh(connection, current as V1SecretValue, timeoutMs),
      ping: ({ apiKey }, timeoutMs) => ping(apiKey, pingCache, timeoutMs),
      registerOf(current) {
        const management = managementOf(current);
        return management && keyRegisterOf(current, management, register);
      },
    };
  };
}
