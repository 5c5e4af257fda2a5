/** How far inside the SDK's clients their gRPC clients are: `dataClients`, one of them, its wrapper, the client. */
const DEPTH = 4;

/**
 * Closes the gRPC channels of a client of the SDK, which are told by their public methods. Calls in flight are completed.
 *
 * `TopicClient` and `AuthClient` have no `close()` (SDK 1.118): left alone, a `TopicClient` keeps eight connections for half
 * an hour, and pings on them every five seconds. `CacheClient` has one, which first begins to connect the channel that was
 * never used; at an address that needs no look-up that connection comes up behind it and stays. And after four idle minutes it
 * opens channels anew and keeps the process alive until it closes them two minutes later (SDK source,
 * `idle-grpc-client-wrapper.ts`).
 */
export function closeChannels(client: object, depth = DEPTH): void {
  for (const part of Object.values(client)) {
    if (typeof part?.getChannel === 'function' && typeof part.close === 'function') part.close();
    else if (depth > 1 && typeof part === 'object' && part !== null) closeChannels(part, depth - 1);
  }
}
