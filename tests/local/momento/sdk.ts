import {
  AuthClient,
  AuthClientConfigurations,
  CacheClient,
  Configurations,
  CredentialProvider,
  NoopMomentoLoggerFactory,
  TopicClient,
  TopicConfigurations,
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

/** For a v1 key, a disposable token or a session token. */
export function authClient({ endpoint }: LocalMomento, apiKey: string): AuthClient {
  return openAuthClient(credentials(endpoint, apiKey));
}

export function v2AuthClient({ endpoint }: LocalMomento, apiKey: string): AuthClient {
  return openAuthClient(v2Credentials(endpoint, apiKey));
}

function openAuthClient(credentialProvider: CredentialProvider): AuthClient {
  return new AuthClient({
    credentialProvider,
    configuration: AuthClientConfigurations.Default.latest(new NoopMomentoLoggerFactory()),
  });
}

/** For a v1 key, a disposable token or a session token. The SDK has no way to close one. */
export function topicClient({ endpoint }: LocalMomento, apiKey: string): TopicClient {
  return new TopicClient({
    credentialProvider: credentials(endpoint, apiKey),
    // The SDK gives each subscription this time, not only its beginning, and then begins it again.
    configuration: TopicConfigurations.Default.latest(new NoopMomentoLoggerFactory()).withClientTimeoutMillis(600_000),
  });
}

/** For a v1 key, a disposable token or a session token. Closed when the test has finished. */
export function cacheClient({ endpoint }: LocalMomento, apiKey: string): CacheClient {
  return openCacheClient(credentials(endpoint, apiKey));
}

/** For a v2 key. Closed when the test has finished. */
export function v2CacheClient({ endpoint }: LocalMomento, apiKey: string): CacheClient {
  return openCacheClient(v2Credentials(endpoint, apiKey));
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

function v2Credentials(endpoint: string, apiKey: string): CredentialProvider {
  // The SDK's own provider, which looks at the key, and has no way to be given another host or plaintext.
  const provider = CredentialProvider.fromApiKeyV2({ apiKey, endpoint });
  const atEndpoint = () => endpoint;
  return Object.assign(provider, {
    getCacheEndpoint: atEndpoint,
    getControlEndpoint: atEndpoint,
    getTokenEndpoint: atEndpoint,
    isEndpointSecure: () => false,
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
