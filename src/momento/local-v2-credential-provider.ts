import { MomentoLocalProvider } from '@gomomento/sdk';

/**
 * A v2 key for a Momento on this machine, where all of its hosts are one address, in plaintext. The SDK's own provider of
 * v2 keys knows nothing but TLS and the hosts derived from the endpoint (`ApiKeyV2TokenProvider` of `@gomomento/sdk-core`);
 * the one it has for its own emulator reaches such an address, but without a key.
 */
export class LocalV2CredentialProvider extends MomentoLocalProvider {
  readonly #encoded: string;

  constructor(encoded: string, endpoint: string) {
    super({
      endpointOverrides: {
        controlEndpoint: endpoint,
        cacheEndpoint: endpoint,
        tokenEndpoint: endpoint,
        secureConnection: false,
      },
    });
    this.#encoded = encoded;
  }

  override getAuthToken(): string {
    return this.#encoded;
  }
}
