import { AuthClient, AuthClientConfigurations } from '@gomomento/sdk';
import { closeChannels } from '../momento/close-channels.ts';
import type { MomentoCredential } from './credential.ts';
import { facade } from './facade.ts';
import { follow } from './follow.ts';

/** The SDK's, without the key. */
export type AuthClientOptions = Omit<NonNullable<ConstructorParameters<typeof AuthClient>[0]>, 'credentialProvider'>;

/**
 * An `AuthClient` that uses the current key of a secret, for example to vend disposable tokens. It is made once, and used as the
 * SDK's own. See {@link cacheClient}.
 *
 * @param secret a secret's name or ARN, or a credential that several clients share
 * @returns with `close`, which the SDK's own client does not have
 */
export function authClient(
  secret: string | MomentoCredential,
  options: AuthClientOptions = {},
): AuthClient & { close(): void } {
  const configuration = options.configuration ?? AuthClientConfigurations.Default.latest();
  const follower = follow<AuthClient>({
    secret,
    create: (credentialProvider) => new AuthClient({ ...options, configuration, credentialProvider }),
    close: closeChannels,
  });
  return facade(AuthClient.prototype, follower, {
    // What is refused there is the refresh token.
    refreshApiKey: (refreshToken: string) => follower.useOnce((client) => client.refreshApiKey(refreshToken)),
    refreshAuthToken: (refreshToken: string) => follower.useOnce((client) => client.refreshAuthToken(refreshToken)),
    close: follower.close,
  });
}
