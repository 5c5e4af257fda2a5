import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { Configurations, NoopMomentoLoggerFactory } from '@gomomento/sdk';
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import {
  authClient,
  type CredentialOptions,
  cacheClient,
  momentoCredential,
  secretsManager as readWith,
} from '../../src/client/index.ts';
import { SECRET, type Stage, startStage } from './stage.ts';

const configuration = Configurations.InRegion.Default.latest(new NoopMomentoLoggerFactory()).withClientTimeoutMillis(
  20_000,
);
const options = { configuration, defaultTtlSeconds: 60 };

let stage: Stage;

beforeEach(async () => {
  stage = await startStage();
  vi.stubEnv('AWS_ENDPOINT_URL_SECRETS_MANAGER', stage.secretsManager.endpoint);
  vi.stubEnv('AWS_REGION', stage.secretsManager.region);
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'local');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'local');
});

afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

/** The sockets that are opened to Secrets Manager from now on. */
function socketsToSecretsManager(): () => number {
  const sockets = new Set<Socket>();
  const { port } = new URL(stage.secretsManager.endpoint);
  const opened = (message: unknown) => {
    const { socket } = message as { socket: Socket };
    socket.once('connect', () => socket.remotePort === Number(port) && sockets.add(socket));
  };
  subscribe('net.client.socket', opened);
  onTestFinished(() => void unsubscribe('net.client.socket', opened));
  return () => sockets.size;
}

test('a hundred clients made by name read the secret once, over one connection', async () => {
  const sockets = socketsToSecretsManager();
  const destroy = vi.spyOn(SecretsManagerClient.prototype, 'destroy');
  const caches = Array.from({ length: 99 }, () => cacheClient(SECRET, options));
  const auth = authClient(SECRET);
  const answers = await Promise.all(caches.map((cache) => cache.get('cache', 'key')));
  await auth.refreshApiKey('hunter2');
  expect(new Set(answers.map(({ type }) => type))).toEqual(new Set(['Miss']));
  expect(stage.reads()).toBe(1);
  expect(sockets()).toBe(1);

  for (const cache of caches) cache.close();
  expect(destroy).not.toHaveBeenCalled();
  auth.close();
  expect(destroy).toHaveBeenCalledOnce();
});

test('closing one affects no other, however often', async () => {
  const [first, second] = [cacheClient(SECRET, options), cacheClient(SECRET, options)];
  await first.get('cache', 'key');
  first.close();
  first.close();
  expect((await second.get('cache', 'key')).type).toBe('Miss');
  expect(stage.reads()).toBe(1);
  expect(String(await first.get('cache', 'key'))).toContain('closed');
  second.close();
});

test('one that is closed while it waits for the first key is answered so, and others get the key', async () => {
  const [first, second] = [momentoCredential(SECRET), momentoCredential(SECRET)];
  const asked = Promise.allSettled([first.current(), second.current()]);
  first.close();
  const [closed, open] = await asked;
  expect(closed).toMatchObject({ status: 'rejected', reason: { code: 'Closed' } });
  expect(open).toMatchObject({ status: 'fulfilled' });
  expect(await first.refused(await second.current())).toBeUndefined();
  second.close();
});

test('after the last, a new one starts afresh', async () => {
  for (const reads of [1, 2]) {
    const cache = cacheClient(SECRET, options);
    await cache.get('cache', 'key');
    expect(stage.reads()).toBe(reads);
    cache.close();
  }
});

test('who watches is told, whoever noticed', async () => {
  const [first, second] = [momentoCredential(SECRET), momentoCredential(SECRET)];
  const told = new Promise<void>((resolve) => first.watch(resolve));
  const key = await second.current();
  await told;
  await stage.rotate();
  const changed = new Promise<void>((resolve) => first.watch(resolve));
  const other = await second.refused(key);
  await changed;
  expect(await first.current()).toBe(other);
  first.close();
  second.close();
});

describe('what is not shared', () => {
  const bySource = () => ({ source: readWith(new SecretsManagerClient(stage.secretsManager.connection)) });
  const log = () => {};

  test.each<[string, () => CredentialOptions]>([
    ['a source, which the application brings', bySource],
    ['a logger', () => ({ logger: { info: log, warn: log } })],
    ['a listener', () => ({ onEvent: log })],
    ['other options', () => ({ ttlSeconds: 299 })],
  ])('the key of a credential with %s', async (_, own) => {
    const credentials = [momentoCredential(SECRET), momentoCredential(SECRET, own())];
    const [one, other] = await Promise.all(credentials.map((credential) => credential.current()));
    expect(stage.reads()).toBe(2);
    expect(one).not.toBe(other);
    for (const credential of credentials) credential.close();
  });

  test('but all that bring no client of the AWS SDK have one', async () => {
    const sockets = socketsToSecretsManager();
    const credentials = Array.from({ length: 5 }, (_, index) => momentoCredential(SECRET, { ttlSeconds: 1 + index }));
    for (const credential of credentials) await credential.current();
    expect(stage.reads()).toBe(5);
    expect(sockets()).toBe(1);
    for (const credential of credentials) credential.close();
  });
});
