import { AuthClient } from '@gomomento/sdk';

/**
 * The SDK's `AuthClient` with what it lacks: a way to close its connections, each of which otherwise stays open until
 * the process ends. Calls in flight are completed.
 */
export class ClosableAuthClient extends AuthClient {
  close(): void {
    for (const part of Object.values(this.authClient)) if (isClosable(part)) part.close();
  }
}

/** Its gRPC clients (SDK source, `internal-auth-client.ts`: `authClient` and `tokenClient`) are. */
function isClosable(part: unknown): part is { close(): void } {
  return typeof part === 'object' && part !== null && 'close' in part && typeof part.close === 'function';
}
