import { CacheGetResponse, Configurations } from '@gomomento/sdk';
import { cacheClient, momentoCredential } from 'momento-key-rotation/client';

// Once for each sandbox.
const credential = momentoCredential('momento/authentication-token');
const cache = cacheClient(credential, {
  configuration: Configurations.Lambda.latest(),
  defaultTtlSeconds: 3600,
});

// Read the secret while the sandbox starts, where the client's deadline of 1.1 seconds does not run. If that fails, the first
// call tries again.
await credential.current().catch(() => {});

export async function handler({ user }: { user: string }): Promise<{ seenBefore: boolean }> {
  const seen = await cache.get('users', user);
  if (seen.type === CacheGetResponse.Error) throw seen.innerException();
  await cache.set('users', user, 'seen');
  return { seenBefore: seen.type === CacheGetResponse.Hit };
}
