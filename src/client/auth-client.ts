import { AuthClient, AuthClientConfigurations, type CredentialProvider } from '@gomomento/sdk';
import { draftOf } from './draft.ts';
import { authErrors } from './error-classes.ts';
import { facade } from './facade.ts';
import { clientsOf } from './follow.ts';
import type { MomentoCredential } from './momento-credential.ts';
import type { WaitOptions } from './wait.ts';

/** The SDK's, without the key. */
export type AuthClientOptions = Omit<NonNullable<ConstructorParameters<typeof AuthClient>[0]>, 'credentialProvider'>;

/** The SDK's own (`InternalAuthClient`, 1.118). */
const DEADLINE_MS = 60_000;

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
  const create = (credentialProvider: CredentialProvider) =>
    new AuthClient({ ...options, configuration, credentialProvider });
  const draft = draftOf(create);
  const follower = clientsOf(secret, create);
  // What is refused there is the refresh token.
  const refresh = (wait: WaitOptions, refreshToken: string) =>
    follower.useOnce((client) => client.refreshApiKey(refreshToken), wait);
  return facade({
    prototype: AuthClient.prototype,
    follower,
    draft,
    errorClasses: authErrors,
    throwsErrors: () => options.throwOnErrors ?? false,
    deadlineMs: () => DEADLINE_MS,
    calls: { refreshApiKey: refresh, refreshAuthToken: refresh },
    own: { close: follower.close },
  });
}
