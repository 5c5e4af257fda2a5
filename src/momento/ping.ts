import { CacheClient, CacheGetResponse, Configurations, MomentoErrorCode } from '@gomomento/sdk';
import type { Ping } from '../rotation/credential.ts';
import { type ApiKey, credentialProvider } from './api-key.ts';
import { closeChannels } from './close-channels.ts';
import { silent } from './silent.ts';

/** The item that a ping reads. It need not exist. */
const PING_ITEM = 'momento-key-rotation-ping';

/** The protocol decides about retries. */
const noRetries = { determineWhenToRetryRequest: () => null };

/**
 * Shows whether Momento lets an API key in, by reading one item of a cache with it.
 *
 * `CacheClient.ping()` would not do: in the Node SDK it resolves without sending anything, whatever the key.
 *
 * A cache that does not exist is a good answer, too: the key was let in far enough to look for it.
 */
export async function ping(apiKey: ApiKey, cacheName: string, timeoutMs: number): Promise<Ping> {
  const client = new CacheClient({
    credentialProvider: credentialProvider(apiKey),
    configuration: Configurations.Lambda.latest(silent).withClientTimeoutMillis(timeoutMs).withRetryStrategy(noRetries),
    // Required, and of no effect on a read.
    defaultTtlSeconds: 60,
  });
  try {
    const response = await client.get(cacheName, PING_ITEM);
    return response.type === CacheGetResponse.Error ? verdict(response.errorCode()) : { kind: 'accepted' };
  } finally {
    closeChannels(client);
  }
}

function verdict(reason: MomentoErrorCode): Ping {
  switch (reason) {
    case MomentoErrorCode.NOT_FOUND_ERROR:
      return { kind: 'accepted' };
    case MomentoErrorCode.AUTHENTICATION_ERROR:
      return { kind: 'refused', reason };
    case MomentoErrorCode.PERMISSION_ERROR:
      return { kind: 'denied', reason };
    default:
      return { kind: 'unavailable', reason };
  }
}
