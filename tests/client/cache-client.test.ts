import {
  AuthClient,
  CacheClient,
  CacheGetResponse,
  CacheSetResponse,
  Configurations,
  MomentoErrorCode,
  NoopMomentoLoggerFactory,
  TopicClient,
} from '@gomomento/sdk';
import { Client } from '@grpc/grpc-js';
import { afterEach, describe, expect, expectTypeOf, test, vi } from 'vitest';
import { cacheClient, type MomentoCredential, type MomentoEvent } from '../../src/client/index.ts';
import { type Stage, startStage, stopClock } from './stage.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

const configuration = Configurations.Lambda.latest(new NoopMomentoLoggerFactory()).withClientTimeoutMillis(20_000);

/** Of one client of the SDK: for data, and for control. */
const CHANNELS = 2;

const follow = (credential: MomentoCredential, options = {}) =>
  cacheClient(credential, { defaultTtlSeconds: 60, configuration, ...options });

/** The calls that reached Momento, with the key that they were made with and what became of them. */
const callsAt = ({ momento }: Stage) => momento.calls.map(({ rpc, keyId, outcome }) => `${rpc} ${keyId} ${outcome}`);

describe('to its user it is a CacheClient', () => {
  test('by its type and its class', async () => {
    const { credential } = await startStage();
    const cache = follow(credential());
    expectTypeOf(cache).toEqualTypeOf<CacheClient>();
    expect(cache).toBeInstanceOf(CacheClient);
    expect(cache.configuration).toBe(configuration);
  });

  test('with its answers, and a view of one cache', async () => {
    const { credential } = await startStage();
    const cache = follow(credential());
    expect((await cache.set('cache', 'key', 'value')).type).toBe(CacheSetResponse.Success);
    const hit = await cache.cache('cache').get('key');
    expect(hit.type === CacheGetResponse.Hit && hit.valueString()).toBe('value');
    expect((await cache.get('cache', 'other')).type).toBe(CacheGetResponse.Miss);
    expect((await cache.listCaches()).type).toBe('Success');
    expect(await cache.ping()).toBeUndefined();
    const missing = await cache.get('no-such-cache', 'key');
    expect(missing.type === CacheGetResponse.Error && missing.errorCode()).toBe(MomentoErrorCode.CACHE_NOT_FOUND_ERROR);
    cache.close();
  });

  test('whose other methods all answer with a promise, as those that are passed on do', () => {
    const atOnce = (prototype: object): string[] => {
      if (prototype === Object.prototype) return [];
      const methods = Object.entries(Object.getOwnPropertyDescriptors(prototype)).filter(
        ([, { value }]) => typeof value === 'function' && value.constructor.name !== 'AsyncFunction',
      );
      return [...methods.map(([name]) => name), ...atOnce(Object.getPrototypeOf(prototype))];
    };
    // Those named "getNext…" are private.
    expect(atOnce(CacheClient.prototype)).toEqual([
      'constructor',
      'close',
      'constructor',
      'cache',
      'getNextDataClient',
    ]);
    expect(atOnce(TopicClient.prototype)).toEqual([
      'constructor',
      'constructor',
      'getNextPublishClient',
      'getNextSubscribeClient',
    ]);
    expect(atOnce(AuthClient.prototype)).toEqual(['constructor', 'constructor']);
  });

  test('with the configuration that the SDK would have', async () => {
    const { credential } = await startStage();
    const cache = cacheClient(credential(), { defaultTtlSeconds: 60 });
    expect(cache.configuration).toEqual(Configurations.Laptop.latest());
    cache.close();
  });

  test('made with one line: the name of a secret', async () => {
    const { secretsManager } = await startStage();
    vi.stubEnv('AWS_ENDPOINT_URL_SECRETS_MANAGER', secretsManager.endpoint);
    vi.stubEnv('AWS_REGION', secretsManager.region);
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'local');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'local');
    const cache = cacheClient('momento/authentication-token', { defaultTtlSeconds: 60, configuration });
    expect((await cache.set('cache', 'key', 'value')).type).toBe(CacheSetResponse.Success);
    cache.close();
    expect(String(await cache.get('cache', 'key'))).toContain('closed');
    vi.unstubAllEnvs();
  });
});

describe('when the key changes', () => {
  test.each([
    ['v1', (stage: Stage) => stage.momento.issueKey().secretString],
    ['v1 under its older name', (stage: Stage) => JSON.stringify({ authToken: stage.momento.issueKey().apiKey })],
    ['v1 alone', (stage: Stage) => `${stage.momento.issueKey().apiKey}\n`],
    ['v2', (stage: Stage) => stage.momento.issueV2Key().secretString],
  ])('to a key that is %s, calls are made with that', async (_, issue) => {
    const stage = await startStage();
    const credential = stage.credential({ ttlSeconds: 0.001 });
    const cache = follow(credential);
    await cache.set('cache', 'key', 'value');
    const before = stage.momento.calls.at(-1)?.keyId;

    await stage.put(issue(stage));
    await vi.waitFor(async () => {
      expect((await cache.get('cache', 'key')).type).toBe(CacheGetResponse.Hit);
      expect(stage.momento.calls.at(-1)?.keyId).not.toBe(before);
    });
    expect(stage.momento.calls.every(({ outcome }) => outcome === 'OK')).toBe(true);
    cache.close();
  });

  test('calls in flight on the old client finish, and it is closed after them and a while', async () => {
    const clock = stopClock();
    const stage = await startStage();
    const credential = stage.credential({ source: stage.atOnce });
    const cache = follow(credential);
    const close = vi.spyOn(Client.prototype, 'close');
    await cache.get('cache', 'key');
    stage.momento.faults.add({ call: 'Get', mishap: { kind: 'delay', ms: 500 } });
    const slow = cache.get('cache', 'key');
    await stage.rotate();
    clock.forward(3600);
    await credential.current();

    expect((await cache.get('cache', 'key')).type).toBe(CacheGetResponse.Miss);
    clock.forward(31);
    await cache.get('cache', 'key');
    expect(close).not.toHaveBeenCalled();

    expect((await slow).type).toBe(CacheGetResponse.Miss);
    expect(close).toHaveBeenCalledTimes(CHANNELS);
    expect(callsAt(stage)).toEqual(['Get key-1 OK', 'Get key-2 OK', 'Get key-2 OK', 'Get key-1 OK']);
    cache.close();
    expect(close).toHaveBeenCalledTimes(2 * CHANNELS);
  });

  test('middlewares go on, and end with the last client', async () => {
    const clock = stopClock();
    const stage = await startStage();
    const life: string[] = [];
    const pass = async <T>(value: T) => value;
    const middleware = {
      init: () => life.push('init'),
      close: () => life.push('close'),
      onNewRequest() {
        life.push('request');
        return {
          onRequestMetadata: pass,
          onRequestBody: pass,
          onResponseMetadata: pass,
          onResponseBody: pass,
          onResponseStatus: pass,
        };
      },
    };
    const cache = follow(stage.credential(), { configuration: configuration.addMiddleware(middleware) });
    for (let rotation = 0; rotation < 3; rotation += 1) {
      await cache.get('cache', 'key');
      await stage.rotate();
      clock.forward(3600);
    }
    cache.close();
    expect(life).toEqual(['init', 'request', 'request', 'request', 'close']);
  });
});

test('a client that is closed while a refused call waits for another key answers it as Momento did', async () => {
  const stage = await startStage();
  const onEvent = ({ type }: MomentoEvent) => type === 'refusedKey' && cache.close();
  const cache = follow(stage.credential({ onEvent }));
  await cache.get('cache', 'key');
  await stage.rotate();
  stage.momento.revokeKey(stage.firstKey);
  const answer = await cache.get('cache', 'key');
  expect(answer.type === CacheGetResponse.Error && answer.errorCode()).toBe(MomentoErrorCode.AUTHENTICATION_ERROR);
});

test('a client that is closed finishes what it has begun, also what the SDK tries again', async () => {
  const stage = await startStage();
  const cache = follow(stage.credential());
  const close = vi.spyOn(Client.prototype, 'close');
  await cache.get('cache', 'key');
  stage.momento.faults.add({ call: 'Get', mishap: { kind: 'error', error: { code: 'UNAVAILABLE' } }, times: 2 });
  const failed = new Promise<void>((resolve) => stage.momento.subscribe(() => resolve()));
  const begun = cache.get('cache', 'key');
  await failed;
  cache.close();
  expect(close).not.toHaveBeenCalled();
  expect((await begun).type).toBe(CacheGetResponse.Miss);
  expect(close).toHaveBeenCalledTimes(CHANNELS);
  const late = await cache.get('cache', 'key');
  expect(late.type === CacheGetResponse.Error && late.innerException().cause).toMatchObject({ code: 'Closed' });
});

describe('a call that Momento refuses as not authenticated', () => {
  test('is made once more with a fresh key, read or write', async () => {
    const stage = await startStage();
    const cache = follow(stage.credential());
    await cache.set('cache', 'key', 'value');
    await stage.rotate();
    stage.momento.revokeKey(stage.firstKey);

    const answers = await Promise.all([
      cache.get('cache', 'key'),
      cache.set('cache', 'other', 'value'),
      cache.delete('cache', 'third'),
      cache.keysExist('cache', ['key']),
      cache.listCaches(),
    ]);
    expect(answers.map(({ type }) => type)).toEqual(['Hit', 'Success', 'Success', 'Success', 'Success']);
    expect(stage.reads()).toBe(2);
  });

  test('also with throwOnErrors', async () => {
    const stage = await startStage();
    const cache = follow(stage.credential(), { configuration: configuration.withThrowOnErrors(true) });
    await cache.get('cache', 'key');
    await stage.rotate();
    stage.momento.revokeKey(stage.firstKey);
    expect((await cache.get('cache', 'key')).type).toBe(CacheGetResponse.Miss);

    await expect(cache.get('no-such-cache', 'key')).rejects.toThrow('cache');
  });

  test('and no more than once', async () => {
    const stage = await startStage();
    const cache = follow(stage.credential());
    await cache.get('cache', 'key');
    stage.momento.revokeKey(await stage.rotate());
    stage.momento.revokeKey(stage.firstKey);

    const answer = await cache.get('cache', 'key');
    expect(answer.type === CacheGetResponse.Error && answer.errorCode()).toBe(MomentoErrorCode.AUTHENTICATION_ERROR);
    expect(callsAt(stage).slice(1)).toEqual(['Get key-1 UNAUTHENTICATED', 'Get key-2 UNAUTHENTICATED']);
    await stage.expectEvents('refreshed', 'refusedKey', 'changed', 'refusedKey', 'refreshed');
  });

  test('a thousand at once have the secret read once', async () => {
    const stage = await startStage();
    const cache = follow(stage.credential({ timeoutMs: 60_000 }));
    await cache.get('cache', 'key');
    await stage.rotate();
    stage.momento.revokeKey(stage.firstKey);

    const answers = await Promise.all(Array.from({ length: 1000 }, () => cache.get('cache', 'key')));
    expect(new Set(answers.map(({ type }) => type))).toEqual(new Set([CacheGetResponse.Miss]));
    expect(stage.reads()).toBe(2);
  });

  test('is answered so when there is no other key, and then hardly anybody asks Secrets Manager', async () => {
    const clock = stopClock();
    const stage = await startStage();
    const cache = follow(stage.credential());
    await cache.get('cache', 'key');
    stage.momento.revokeKey(stage.firstKey);

    for (let second = 0; second < 120; second += 1) {
      const [answer] = await Promise.all(Array.from({ length: 5 }, () => cache.get('cache', 'key')));
      expect(answer?.type === CacheGetResponse.Error && answer.errorCode()).toBe(MomentoErrorCode.AUTHENTICATION_ERROR);
      clock.forward(1);
    }
    // After 1, 2 and 4 seconds, and then every 5: as long as nothing works, whoever mends it is not to wait.
    expect(stage.reads()).toBe(2 + 3 + 22);

    await stage.rotate();
    clock.forward(5);
    expect((await cache.get('cache', 'key')).type).toBe(CacheGetResponse.Miss);
  });

  test('is made once more with the key before it, when that is better than the current one', async () => {
    const clock = stopClock();
    const stage = await startStage();
    const cache = follow(stage.credential());
    await cache.get('cache', 'key');
    stage.momento.revokeKey(await stage.rotate());
    clock.forward(3600);

    for (let second = 0; second < 20; second += 1) {
      expect((await cache.get('cache', 'key')).type).toBe(CacheGetResponse.Miss);
      clock.forward(1);
    }
  });
});

test.each([
  ['UNAVAILABLE', MomentoErrorCode.SERVER_UNAVAILABLE],
  ['DEADLINE_EXCEEDED', MomentoErrorCode.TIMEOUT_ERROR],
  ['PERMISSION_DENIED', MomentoErrorCode.PERMISSION_ERROR],
  ['RESOURCE_EXHAUSTED', MomentoErrorCode.LIMIT_EXCEEDED_ERROR],
] as const)('a write that fails with %s, which may have had its effect, is not made again', async (code, errorCode) => {
  const stage = await startStage();
  const noRetries = { determineWhenToRetryRequest: () => null };
  const cache = follow(stage.credential(), { configuration: configuration.withRetryStrategy(noRetries) });
  stage.momento.faults.add({ call: 'Set', at: 'after', mishap: { kind: 'error', error: { code } } });

  const answer = await cache.set('cache', 'key', 'value');
  expect(answer.type === CacheSetResponse.Error && answer.errorCode()).toBe(errorCode);
  expect(callsAt(stage)).toEqual([`Set key-1 ${code}`]);
  expect(stage.reads()).toBe(1);
});
