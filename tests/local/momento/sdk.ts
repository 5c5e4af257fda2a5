import {
  AuthClient,
  AuthClientConfigurations,
  CacheClient,
  Configurations,
  CredentialProvider,
  NoopMomentoLoggerFactory,
} from '@gomomento/sdk';
import { onTestFinished } from 'vitest';
import { type LocalMomento, type LocalMomentoOptions, startMomento } from '../../../src/local/momento/momento.ts';

/** A local Momento with the cache `cache`, closed when the test has finished. */
export async function momentoForTest(options?: LocalMomentoOptions): Promise<LocalMomento> {
  const momento = await startMomento(options);
  onTestFinished(() => momento.close());
  momento.createCache('cache');
  return momento;
}

/** A clock that stands still until it is moved. */
export function standingClock() {
  let time = Date.parse('2026-01-31T12:00:00Z');
  return {
    now: () => new Date(time),
    epochSeconds: () => time / 1000,
    forward(seconds: number) {
      time += seconds * 1000;
    },
  };
}

export function authClient({ endpoint }: LocalMomento, apiKey: string): AuthClient {
  return new AuthClient({
    credentialProvider: credentials(endpoint, apiKey),
    configuration: AuthClientConfigurations.Default.latest(new NoopMomentoLoggerFactory()),
  });
}

/** For a v1 key. Closed when the test has finished. */
export function cacheClient({ endpoint }: LocalMomento, apiKey: string): CacheClient {
  return openCacheClient(credentials(endpoint, apiKey));
}

/** For a v2 key. Closed when the test has finished. */
export function v2CacheClient({ endpoint }: LocalMomento, apiKey: string): CacheClient {
  // The SDK's own provider, which looks at the key, and has no way to be given another host or plaintext.
  const provider = CredentialProvider.fromApiKeyV2({ apiKey, endpoint });
  const atEndpoint = () => endpoint;
  return openCacheClient(
    Object.assign(provider, {
      getCacheEndpoint: atEndpoint,
      getControlEndpoint: atEndpoint,
      getTokenEndpoint: atEndpoint,
      isEndpointSecure: () => false,
    }),
  );
}

function openCacheClient(credentialProvider: CredentialProvider): CacheClient {
  const client = new CacheClient({
    credentialProvider,
    configuration: Configurations.Lambda.latest(new NoopMomentoLoggerFactory()),
    defaultTtlSeconds: 60,
  });
  onTestFinished(() => client.close());
  return client;
}

function credentials(endpoint: string, apiKey: string) {
  return CredentialProvider.fromString({
    apiKey,
    endpointOverrides: {
      controlEndpoint: endpoint,
      cacheEndpoint: endpoint,
      tokenEndpoint: endpoint,
      secureConnection: false,
    },
  });
}

/** What an answer of the SDK comes to: `Hit`, `Miss`, `Success` and so on, or the code of an error. */
export function verdict(response: { type: string; errorCode?: () => string }): string {
  return response.errorCode?.() ?? response.type;
}

/** The same key with another secret inside: what a key looks like that was never issued. */
export function spoil(apiKey: string): string {
  const content = JSON.parse(Buffer.from(apiKey, 'base64').toString());
  return Buffer.from(JSON.stringify({ ...content, api_key: `${content.api_key}x` })).toString('base64');
}
