import { AuthClient, AuthClientConfigurations, type CredentialProvider } from '@gomomento/sdk';
import { type ApiKey, credentialProvider } from './api-key.ts';
import { closeChannels } from './close-channels.ts';
import { silent } from './silent.ts';

/**
 * Milliseconds after which a connection that was not used is not trusted any more. While a sandbox is frozen, the other
 * side may close it unseen, as network load balancers do after 350 s (SDK source, `idle-grpc-client-wrapper.ts`).
 */
const TRUSTED_MS = 30_000;

/** A connection to Momento's authentication service, kept from one refresh to the next. */
export interface AuthConnection {
  /** The client that acts for a key, until one for another key is asked for. */
  clientFor(apiKey: ApiKey): AuthClient;
  /** To be called when an answer did not come: whatever the reason, the next client gets a new connection. */
  close(): void;
}

/**
 * A sandbox that rotates many secrets connects once for those in one place, not once for each. The SDK's own clients
 * could do neither: each is for one key, and has no `close()`.
 */
export function createAuthConnection(now: () => number = Date.now): AuthConnection {
  let open: { client: AuthClient; endpoint: string; usedAt: number } | undefined;
  let key: CredentialProvider;
  const close = () => {
    if (open !== undefined) closeChannels(open.client);
    open = undefined;
  };
  return {
    clientFor(apiKey) {
      key = credentialProvider(apiKey);
      const { endpoint } = apiKey;
      if (open?.endpoint !== endpoint || now() - open.usedAt > TRUSTED_MS) {
        close();
        open = { client: createClient(latest(() => key)), endpoint, usedAt: now() };
      }
      open.usedAt = now();
      return open.client;
    },
    close,
  };
}

function createClient(provider: CredentialProvider): AuthClient {
  return new AuthClient({
    credentialProvider: provider,
    configuration: AuthClientConfigurations.Default.latest(silent),
  });
}

/** The provider that there is at the moment it is asked. The SDK asks it for the key with each request. */
function latest(current: () => CredentialProvider): CredentialProvider {
  return new Proxy(current(), { get: (_, name) => Reflect.get(current(), name) });
}
