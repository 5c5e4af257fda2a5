import { CacheClient, Configurations } from '@gomomento/sdk';
import { closeChannels } from '../momento/close-channels.ts';
import type { MomentoCredential } from './credential.ts';
import { facade } from './facade.ts';
import { follow } from './follow.ts';
import { shareMiddlewares } from './shared-middlewares.ts';

/** The SDK's, without the key. */
export type CacheClientOptions = Omit<ConstructorParameters<typeof CacheClient>[0], 'credentialProvider'>;

/**
 * A `CacheClient` that uses the current key of a secret. It is made once, and used as the SDK's own; when the key changes,
 * calls go to a client with the new key, those in flight on the old one finish, and it is closed.
 *
 * ```ts
 * const cache = cacheClient('momento/authentication-token', { defaultTtlSeconds: 60 });
 * await cache.set('sessions', 'alice', 'signed in');
 * ```
 *
 * The first call reads the secret. Its calls answer as the SDK's do; besides, they reject when there is no key at all, with a
 * {@link SecretUnavailableError}.
 *
 * @param secret a secret's name or ARN, or a credential that several clients share
 */
export function cacheClient(secret: string | MomentoCredential, options: CacheClientOptions): CacheClient {
  const configuration = options.configuration ?? Configurations.Laptop.latest();
  const middlewares = shareMiddlewares(configuration.getMiddlewares());
  const follower = follow<CacheClient>({
    secret,
    create: (credentialProvider) =>
      new CacheClient({
        ...options,
        configuration: configuration.withMiddlewares(middlewares.shared),
        credentialProvider,
      }),
    close: closeChannels,
  });
  return facade(CacheClient.prototype, follower, {
    configuration,
    // It answers at once, with an object that calls the methods of this one.
    cache: CacheClient.prototype.cache,
    close() {
      follower.close();
      middlewares.close();
    },
  });
}
