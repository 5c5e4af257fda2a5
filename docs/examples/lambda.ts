import { CacheGetResponse, Configurations } from '@gomomento/sdk';
import { cacheClient } from 'momento-key-rotation/client';

// Once for each sandbox. The first call of the first invocation reads the secret.
const cache = cacheClient('momento/authentication-token', {
  configuration: Configurations.Lambda.latest(),
  defaultTtlSeconds: 3600,
});

export async function handler({ user }: { user: string }): Promise<{ seenBefore: boolean }> {
  const seen = await cache.get('users', user);
  if (seen.type === CacheGetResponse.Error) throw seen.innerException();
  await cache.set('users', user, 'seen');
  return { seenBefore: seen.type === CacheGetResponse.Hit };
}
