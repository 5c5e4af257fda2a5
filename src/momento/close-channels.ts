import { Client } from '@grpc/grpc-js';

/** How far inside the SDK's clients their gRPC clients are: `dataClients`, one of them, its wrapper, the client. */
const DEPTH = 4;

/**
 * Closes the gRPC channels of a client of the SDK. Calls in flight are completed.
 *
 * `AuthClient` has no `close()`, so that its connection would stay open until the process ends. `CacheClient` has one,
 * which first begins to connect the channel that was never used (SDK source, `idle-grpc-client-wrapper.ts`:
 * `getConnectivityState(true)`); at an address that needs no look-up that connection comes up behind it and stays.
 */
export function closeChannels(client: object, depth = DEPTH): void {
  for (const part of Object.values(client)) {
    if (part instanceof Client) part.close();
    else if (depth > 1 && typeof part === 'object' && part !== null) closeChannels(part, depth - 1);
  }
}
