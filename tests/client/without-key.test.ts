import * as sdk from '@gomomento/sdk';
import {
  AllDataReadWrite,
  AuthClient,
  AuthClientConfigurations,
  CacheClient,
  CacheGetResponse,
  Configurations,
  ExpiresIn,
  MomentoErrorCode,
  MomentoLocalProvider,
  NoopMomentoLoggerFactory,
  PermissionScopes,
  SdkError,
  TopicClient,
  TopicConfigurations,
} from '@gomomento/sdk';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { authErrors, cacheErrors, topicErrors } from '../../src/client/error-classes.ts';
import {
  authClient,
  cacheClient,
  momentoCredential,
  type SecretSource,
  SecretUnavailableError,
  topicClient,
} from '../../src/client/index.ts';
import { SECRET, startStage } from './stage.ts';

const quiet = new NoopMomentoLoggerFactory();
const configuration = Configurations.Lambda.latest(quiet).withClientTimeoutMillis(20_000);
const topicConfiguration = TopicConfigurations.Default.latest(quiet);
const authConfiguration = AuthClientConfigurations.Default.latest(quiet);

type Answer = { type: string; errorCode(): string; message(): string; innerException(): Error };
type Methods = Record<string, (...args: unknown[]) => Promise<Answer>>;

/** What the arguments must be is told by the SDK; these are good for all methods but the few below. */
const ARGUMENTS = ['cache', 'key', 'field', 'value', 1];
const SPECIAL_ARGUMENTS: Record<string, unknown[]> = {
  createCache: ['cache'],
  deleteCache: ['cache'],
  flushCache: ['cache'],
  listCaches: [],
  get: ['cache', 'key'],
  getWithHash: ['cache', 'key'],
  getBatch: ['cache', ['key']],
  setBatch: ['cache', { key: 'value' }],
  increment: ['cache', 'key', 1],
  set: ['cache', 'key', 'value'],
  setWithHash: ['cache', 'key', 'value'],
  dictionaryFetch: ['cache', 'key'],
  dictionaryGetField: ['cache', 'key', 'field'],
  dictionaryGetFields: ['cache', 'key', ['field']],
  dictionaryRemoveFields: ['cache', 'key', ['field']],
  dictionarySetField: ['cache', 'key', 'field', 'value'],
  dictionarySetFields: ['cache', 'key', { field: 'value' }],
  dictionaryIncrement: ['cache', 'key', 'field', 1],
  listConcatenateBack: ['cache', 'key', ['value']],
  listConcatenateFront: ['cache', 'key', ['value']],
  listPushBack: ['cache', 'key', 'value'],
  listPushFront: ['cache', 'key', 'value'],
  listRetain: ['cache', 'key', { startIndex: 0, endIndex: 1 }],
  listFetch: ['cache', 'key'],
  setAddElement: ['cache', 'key', 'value'],
  setAddElements: ['cache', 'key', ['value']],
  setContainsElements: ['cache', 'key', ['value']],
  setRemoveElements: ['cache', 'key', ['value']],
  setSample: ['cache', 'key', 1],
  setPop: ['cache', 'key', 1],
  sortedSetFetchByRank: ['cache', 'key'],
  sortedSetFetchByScore: ['cache', 'key'],
  sortedSetGetScores: ['cache', 'key', ['value']],
  sortedSetIncrementScore: ['cache', 'key', 'value', 1],
  sortedSetLengthByScore: ['cache', 'key'],
  sortedSetPutElement: ['cache', 'key', 'value', 1],
  sortedSetPutElements: ['cache', 'key', { value: 1 }],
  sortedSetRemoveElements: ['cache', 'key', ['value']],
  sortedSetUnionStore: ['cache', 'key', [{ sortedSetName: 'other', weight: 1 }]],
  keysExist: ['cache', ['key']],
  updateTtl: ['cache', 'key', 1000],
  increaseTtl: ['cache', 'key', 1000],
  decreaseTtl: ['cache', 'key', 1000],
  publish: ['cache', 'topic', 'value'],
  subscribe: ['cache', 'topic', {}],
  putWebhook: ['cache', 'webhook', { topicName: 'topic', destination: 'https://localhost' }],
  generateApiKey: [AllDataReadWrite, ExpiresIn.hours(1)],
  generateAuthToken: [AllDataReadWrite, ExpiresIn.hours(1)],
  generateDisposableToken: [PermissionScopes.topicSubscribeOnly('cache', 'topic'), ExpiresIn.minutes(5)],
  refreshApiKey: ['token'],
  refreshAuthToken: ['token'],
};
const argumentsOf = (method: string) => SPECIAL_ARGUMENTS[method] ?? ARGUMENTS.slice(0, 3);

const NOWHERE = new MomentoLocalProvider({
  endpointOverrides: {
    controlEndpoint: '127.0.0.1:0',
    cacheEndpoint: '127.0.0.1:0',
    tokenEndpoint: '127.0.0.1:0',
    secureConnection: false,
  },
});
const noRetries = { determineWhenToRetryRequest: () => null };

const kinds = [
  {
    name: 'CacheClient',
    prototype: CacheClient.prototype,
    errors: cacheErrors,
    // They answer with no error value.
    others: ['ping', 'cache', 'close', 'getNextDataClient'],
    theSdks: () =>
      new CacheClient({
        credentialProvider: NOWHERE,
        configuration: configuration.withRetryStrategy(noRetries),
        defaultTtlSeconds: 60,
      }),
    ours: (source: SecretSource, throwOnErrors = false) =>
      cacheClient(credentialFor(source), {
        configuration: configuration.withThrowOnErrors(throwOnErrors),
        defaultTtlSeconds: 60,
      }),
  },
  {
    name: 'TopicClient',
    prototype: TopicClient.prototype,
    errors: topicErrors,
    others: ['getNextPublishClient', 'getNextSubscribeClient'],
    theSdks: () => new TopicClient({ credentialProvider: NOWHERE, configuration: topicConfiguration }),
    ours: (source: SecretSource, throwOnErrors = false) =>
      topicClient(credentialFor(source), { configuration: topicConfiguration.withThrowOnErrors(throwOnErrors) }),
  },
  {
    name: 'AuthClient',
    prototype: AuthClient.prototype,
    errors: authErrors,
    others: [],
    theSdks: () => new AuthClient({ credentialProvider: NOWHERE, configuration: authConfiguration }),
    ours: (source: SecretSource, throwOnErrors = false) =>
      authClient(credentialFor(source), { configuration: authConfiguration, throwOnErrors }),
  },
];

function credentialFor(source: SecretSource, timeoutMs?: number) {
  const credential = momentoCredential(SECRET, { source, ...(timeoutMs && { timeoutMs }) });
  onTestFinished(() => credential.close());
  return credential;
}

const broken: SecretSource = { read: () => Promise.reject(new SecretUnavailableError('None is to be had.')) };
const silent: SecretSource = { read: () => new Promise(() => {}) };

function methodsOf(prototype: object): string[] {
  const names: string[] = [];
  for (let each = prototype; each !== Object.prototype; each = Object.getPrototypeOf(each)) {
    for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(each))) {
      if (typeof value === 'function' && name !== 'constructor' && !names.includes(name)) names.push(name);
    }
  }
  return names;
}

describe.each(kinds)('of a $name', ({ prototype, errors, others, theSdks, ours }) => {
  const methods = methodsOf(prototype).filter((method) => !(others as string[]).includes(method));
  const classOf = errors as unknown as Record<string, new (...args: never[]) => unknown>;

  test('all methods have a class of error values, and no other has', () => {
    expect(Object.keys(errors).sort()).toEqual([...methods].sort());
  });

  test.each(methods)('%s answers with the class that the SDK answers with', async (method) => {
    const client = theSdks() as unknown as Methods;
    const answer = await client[method]?.(...argumentsOf(method));
    // The two that the SDK does not export are told by their type.
    const exported = Object.values(sdk).some((each) => (each as { Error?: unknown }).Error === answer?.constructor);
    const Class = classOf[method] as new (error: SdkError) => Answer;
    expect(new Class(answer?.innerException() as SdkError)).toMatchObject({ type: answer?.type });
    expect(Object.getPrototypeOf(Class)).toBe(Object.getPrototypeOf(answer?.constructor));
    expect(exported ? Class : undefined).toBe(exported ? answer?.constructor : undefined);
    expect(exported).toBe(!['setPop', 'setLength'].includes(method));
  });

  test('all methods answer with their own error value', async () => {
    const client = ours(broken) as unknown as Methods;
    for (const method of methods) {
      const answer = await client[method]?.(...argumentsOf(method));
      expect(answer, method).toBeInstanceOf(classOf[method]);
      expect(answer?.errorCode()).toBe(MomentoErrorCode.FAILED_PRECONDITION_ERROR);
      expect(answer?.message()).toContain(`The secret "${SECRET}" could not be read. None is to be had.`);
      expect(answer?.innerException()).toBeInstanceOf(SdkError);
      expect(answer?.innerException().cause).toBeInstanceOf(SecretUnavailableError);
    }
  });

  test('all methods throw it, if they are to, but for one that never does', async () => {
    const client = ours(broken, true) as unknown as Methods;
    for (const method of methods) {
      const answer = await client[method]?.(...argumentsOf(method)).catch((error: unknown) => error);
      if (method === 'subscribe') expect(answer).toBeInstanceOf(classOf[method]);
      else {
        expect(answer, method).toBeInstanceOf(SdkError);
        expect(answer).toHaveProperty('cause', expect.any(SecretUnavailableError));
        expect(answer).toHaveProperty('stack', expect.stringContaining('SecretUnavailableError'));
      }
    }
  });

  test('what the SDK says of wrong arguments comes first, and does not wait for a key', {
    timeout: 30_000,
  }, async () => {
    const sdkClient = theSdks() as unknown as Methods;
    for (const throwOnErrors of [false, true]) {
      const client = ours(silent, throwOnErrors) as unknown as Methods;
      for (const method of methods) {
        const wrong: unknown[] = ['', '', undefined, undefined];
        // They take whatever they are given.
        if (['listCaches', 'refreshApiKey', 'refreshAuthToken'].includes(method)) continue;
        const theirs = await sdkClient[method]?.(...wrong).catch((error: unknown) => error);
        const answer = await client[method]?.(...wrong).catch((error: unknown) => error);
        if (theirs instanceof Error) expect(answer, method).toEqual(theirs);
        else if (throwOnErrors && method !== 'subscribe')
          expect(answer, method).toEqual((theirs as Answer).innerException());
        else {
          expect((answer as Answer).errorCode(), method).toBe((theirs as Answer).errorCode());
          expect((answer as Answer).message()).toBe((theirs as Answer).message());
        }
      }
    }
  });
});

test('a field that was asked for is in the answer', async () => {
  const answer = (await kinds[0]?.ours(broken)) as CacheClient;
  for (const field of ['field', new TextEncoder().encode('field')]) {
    const value = await answer.dictionaryGetField('cache', 'key', field);
    expect(value.type === 'Error' && value.fieldString()).toBe('field');
  }
});

test('a method that a later SDK adds rejects', async () => {
  const prototype = CacheClient.prototype as unknown as Methods;
  prototype['later'] = async () => ({ type: 'Success' }) as Answer;
  onTestFinished(() => {
    delete prototype['later'];
  });
  const cache = cacheClient(credentialFor(broken), { defaultTtlSeconds: 60, configuration });
  await expect((cache as unknown as Methods)['later']?.()).rejects.toMatchObject({
    cause: expect.any(SecretUnavailableError),
  });
});

test('ping, whose answer says nothing, rejects, too', async () => {
  const cache = cacheClient(credentialFor(broken), { defaultTtlSeconds: 60, configuration });
  await expect(cache.ping()).rejects.toBeInstanceOf(SdkError);
});

describe('what the constructor of the SDK refuses is refused at once', () => {
  test.each([
    ['a negative time to live', () => cacheClient(SECRET, { configuration, defaultTtlSeconds: -1 })],
    [
      'no time for a request',
      () => cacheClient(SECRET, { configuration: configuration.withClientTimeoutMillis(-1), defaultTtlSeconds: 60 }),
    ],
  ])('%s', (_, make) => {
    expect(make).toThrow(SdkError);
  });

  test('without a middleware having been started', () => {
    const init = vi.fn<() => void>();
    const middleware = { init, onNewRequest: () => ({}) as never };
    const withMiddleware = configuration.addMiddleware(middleware);
    expect(() => cacheClient(SECRET, { configuration: withMiddleware, defaultTtlSeconds: -1 })).toThrow(SdkError);
    expect(init).not.toHaveBeenCalled();
  });
});

describe('who waits for the first key', () => {
  const long = 3_600_000;

  test.each([
    ['before', () => AbortSignal.abort()],
    ['meanwhile', () => AbortSignal.timeout(50)],
  ])('is answered as soon as the caller has aborted, %s', { timeout: 30_000 }, async (_, signal) => {
    const cache = cacheClient(credentialFor(silent, long), { configuration, defaultTtlSeconds: 60 });
    const answer = await cache.get('cache', 'key', { abortSignal: signal() });
    expect(answer.type === CacheGetResponse.Error && answer.errorCode()).toBe(MomentoErrorCode.CANCELLED_ERROR);
    expect(String(answer)).toContain('Request cancelled by a user-provided AbortSignal');
  });

  test('is answered when the deadline of the client is over', { timeout: 30_000 }, async () => {
    const cache = cacheClient(credentialFor(silent, long), {
      configuration: configuration.withClientTimeoutMillis(50),
      defaultTtlSeconds: 60,
    });
    const answer = await cache.set('cache', 'key', 'value');
    expect(answer.type === 'Error' && answer.errorCode()).toBe(MomentoErrorCode.TIMEOUT_ERROR);
    expect(answer.type === 'Error' && answer.innerException().cause).toMatchObject({ code: 'Timeout' });

    const topics = topicClient(credentialFor(silent, long), {
      configuration: topicConfiguration.withClientTimeoutMillis(50),
    });
    for (const method of [() => topics.publish('cache', 'topic', 'x'), () => topics.subscribe('cache', 'topic', {})]) {
      const late = await method();
      expect(late.type === 'Error' && late.errorCode()).toBe(MomentoErrorCode.TIMEOUT_ERROR);
    }
    topics.close();
  });

  test('is answered at once when the client is closed, and sets off no read', { timeout: 30_000 }, async () => {
    const read = vi.fn<() => Promise<never>>(() => new Promise(() => {}));
    const cache = cacheClient(credentialFor({ read }, long), { configuration, defaultTtlSeconds: 60 });
    cache.close();
    const answer = await cache.get('cache', 'key');
    expect(answer.type === CacheGetResponse.Error && answer.message()).toContain('The client is closed.');
    expect(read).not.toHaveBeenCalled();
  });

  test('waits for as long as a timer can, where the deadline is longer', async () => {
    const cache = cacheClient(credentialFor(silent, long), {
      configuration: configuration.withClientTimeoutMillis(Number.MAX_SAFE_INTEGER),
      defaultTtlSeconds: 60,
    });
    const answer = await cache.get('cache', 'key', { abortSignal: AbortSignal.timeout(300) });
    expect(answer.type === CacheGetResponse.Error && answer.errorCode()).toBe(MomentoErrorCode.CANCELLED_ERROR);
  });

  test('leaves the read to those who come after', async () => {
    const stage = await startStage();
    let answer = () => {};
    const source: SecretSource = {
      read: () =>
        new Promise((resolve) => {
          answer = () => void stage.atOnce.read({} as never).then(resolve);
        }),
    };
    const cache = cacheClient(credentialFor(source, long), { configuration, defaultTtlSeconds: 60 });
    await cache.get('cache', 'key', { abortSignal: AbortSignal.timeout(50) });
    const next = cache.get('cache', 'key');
    answer();
    expect((await next).type).toBe(CacheGetResponse.Miss);
  });
});

describe('who had a key refused and waits for another', () => {
  test.each([
    ['is answered as Momento did when the deadline is over', 2000, 3_600_000, MomentoErrorCode.AUTHENTICATION_ERROR],
    ['may abort', 3_600_000, 2000, MomentoErrorCode.CANCELLED_ERROR],
  ] as const)('%s', { timeout: 60_000 }, async (_, deadlineMs, abortMs, code) => {
    const stage = await startStage();
    let reads = 0;
    const source: SecretSource = {
      read(request) {
        reads += 1;
        return reads === 1 ? stage.atOnce.read(request) : silent.read(request);
      },
    };
    const cache = cacheClient(credentialFor(source, 3_600_000), {
      configuration: configuration.withClientTimeoutMillis(deadlineMs),
      defaultTtlSeconds: 60,
    });
    await cache.get('cache', 'key');
    stage.momento.revokeKey(stage.firstKey);
    const answer = await cache.get('cache', 'key', { abortSignal: AbortSignal.timeout(abortMs) });
    expect(reads).toBe(2);
    expect(answer.type === CacheGetResponse.Error && answer.errorCode()).toBe(code);
  });
});
