import { DEFAULT_API_KEYS_ENDPOINT } from './api-keys-endpoint.ts';
import { type AuthConnection, createAuthConnection } from './auth-connection.ts';
import { type AuthoritySettings, authorityIn } from './authority.ts';
import { type KeyRegistrySettings, keyRegistryAccess } from './key-registry.ts';
import { type MomentoCalls, type MomentoKind, momentoKind } from './kind.ts';
import { ping } from './ping.ts';
import { refresh } from './refresh.ts';

/** The name says what it is for to whoever meets it in a log. The cache need not exist. */
export const DEFAULT_PING_CACHE = 'momento-key-rotation-ping';

export interface MomentoApiKeySettings extends AuthoritySettings, Pick<KeyRegistrySettings, 'lifetimeDays'> {
  /**
   * The cache that pings read from, `MOMENTO_PING_CACHE`. Best one that the keys may read.
   * @default 'momento-key-rotation-ping', which need not exist
   */
  pingCache?: string | undefined;
  /**
   * Where v2 keys are managed, `MOMENTO_API_KEYS_ENDPOINT`: HTTPS, unless it is on this machine.
   * @default 'https://mga.registry.prod.a.momentohq.com'
   */
  apiKeysEndpoint?: string | undefined;
}

/**
 * Momento's API keys, as a kind of credential that can be rotated.
 *
 * @param settings as `src/settings.ts` reads them, which says what makes no sense
 * @param connection what refreshes are asked over
 * @returns the kind for a secret, by its name or ARN
 */
export function momentoApiKey(
  settings: MomentoApiKeySettings = {},
  connection: AuthConnection = createAuthConnection(),
): (secretId: string) => MomentoKind {
  const { pingCache = DEFAULT_PING_CACHE, apiKeysEndpoint = DEFAULT_API_KEYS_ENDPOINT, lifetimeDays } = settings;
  const registry: KeyRegistrySettings = { apiKeysEndpoint, lifetimeDays };
  const authorityOf = authorityIn(settings);
  const calls: MomentoCalls = {
    refresh: (key, timeoutMs) => refresh(connection, key, timeoutMs),
    ping: ({ apiKey }, timeoutMs) => ping(apiKey, pingCache, timeoutMs),
    registryAccess: (current, management, credentialOf) =>
      keyRegistryAccess({ current, management, settings: registry, credentialOf }),
  };
  return (secretId) => momentoKind(authorityOf(secretId), calls);
}
