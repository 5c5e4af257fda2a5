import { CacheClient, Configurations, type CredentialProvider } from '@gomomento/sdk';
import { draftOf } from './draft.ts';
import { cacheErrors } from './error-classes.ts';
import { facade } from './facade.ts';
import { clientsOf } from './follow.ts';
import type { MomentoCredential } from './momento-credential.ts';
import { shareMiddlewares } from './shared-middlewares.ts';

/** The SDK's, without the key. */
export type CacheClientOptions = Omit<ConstructorParameters<typeof CacheClient>[0], 'credentialProvider'>;

/** What the SDK gives these methods, whatever the configuration (`CacheControlClient`, 1.118). */
const CONTROL = ['createCache', 'deleteCache', 'listCaches', 'flushCache'];
const CONTROL_DEADLINE_MS = 60_000;

/**
 * A `CacheClient` that uses the current key of a secret. It is made once, and used as the SDK's own; when the key changes,
 * calls go to a client with the new key, those in flight on the old one finish, and it is closed.
 *
 * ```ts
 * const cache = cacheClient('momento/authentication-token', { defaultTtlSeconds: 60 });
 * await cache.set('sessions', 'alice', 'signed in');
 * ```
 *
 * The first call reads the secret. Its calls answer as the SDK's do. When there is no key at all they answer with their
 * own error value, of the code `FAILED_PRECONDITION_ERROR`: the `cause` of its `innerException()` is a
 * {@link SecretUnavailableError}.
 *
 * @param secret a secret's name or ARN, or a credential that several clients share
 * @throws what the SDK's own constructor throws, for example for a `defaultTtlSeconds` that is negative
 */
export function cacheClient(secret: string | MomentoCredential, options: CacheClientOptions): CacheClient {
  const configuration = options.configuration ?? Configurations.Laptop.latest();
  const middlewares = shareMiddlewares(configuration.getMiddlewares());
  const create = (credentialProvider: CredentialProvider) =>
    new CacheClient({
      ...options,
      configuration: configuration.withMiddlewares(middlewares.shared),
      credentialProvider,
    });
  const draft = draftOf(create);
  middlewares.init();
  const follower = clientsOf(secret, create);
  const dataDeadlineMs = configuration.getTransportStrategy().getGrpcConfig().getDeadlineMillis();
  return facade({
    prototype: CacheClient.prototype,
    follower,
    draft,
    errorClasses: cacheErrors,
    throwsErrors: () => configuration.getThrowOnErrors(),
    deadlineMs: (method) => (CONTROL.includes(method) ? CONTROL_DEADLINE_MS : dataDeadlineMs),
    own: {
      configuration,
      // It answers at once, with an object that calls the methods of this one.
      cache: CacheClient.prototype.cache,
      close() {
        follower.close();
        middlewares.close();
      },
    },
  });
}
