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

/** Closed when the test has finished. */
export function cacheClient({ endpoint }: LocalMomento, apiKey: string): CacheClient {
  const client = new CacheClient({
    credentialProvider: credentials(endpoint, apiKey),
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
