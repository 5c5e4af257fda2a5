import {
  AuthenticationError,
  CredentialProvider,
  NoopMomentoLoggerFactory,
  PermissionError,
  type SubscribeCallOptions,
  type TopicClient,
  TopicItem,
  TopicSubscribe,
} from '@gomomento/sdk';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { MomentoCredential, MomentoEvent } from '../../src/client/index.ts';
import { followTopic } from '../../src/client/subscription.ts';
import { stopClock } from './stage.ts';

const loggerFactory = new NoopMomentoLoggerFactory();
const refusal = new TopicSubscribe.Error(new AuthenticationError('refused'));

/** A subscription of the SDK that nothing is connected to. */
function subscription(): TopicSubscribe.Subscription {
  const state = { isSubscribed: true, unsubscribe: () => {}, toString: () => '' };
  return new TopicSubscribe.Subscription(
    loggerFactory,
    state as unknown as ConstructorParameters<typeof TopicSubscribe.Subscription>[1],
  );
}

/** A topic whose subscriptions end as the test says: the SDK's callbacks of each, in order. */
function startTopic(endsAtOnce: (index: number) => TopicSubscribe.Error | undefined) {
  const keys = [0, 1].map(() => CredentialProvider.forMomentoLocal({}));
  const events: MomentoEvent[] = [];
  const refused: CredentialProvider[] = [];
  const made: SubscribeCallOptions[] = [];
  const ends = new Set<() => void>();
  let [current] = keys as [CredentialProvider];
  let changed = () => {};
  const credential: MomentoCredential = {
    secretId: 'a-secret',
    current: async () => current,
    async refused(provider) {
      refused.push(provider);
      return provider === current ? undefined : current;
    },
    watch(listener) {
      changed = listener;
      return () => {};
    },
    report: (event) => events.push(event),
    close() {},
  };
  const client = {
    async subscribe(_cache: string, _topic: string, options: SubscribeCallOptions) {
      made.push(options);
      const error = endsAtOnce(made.length);
      if (error) options.onError?.(error, { isSubscribed: false } as TopicSubscribe.Subscription);
      return subscription();
    },
  } as unknown as TopicClient;
  const follower = {
    credential,
    use: <T>(call: (each: TopicClient, provider: CredentialProvider) => Promise<T>) => call(client, current),
    useOnce: () => Promise.reject(new Error('not used')),
    hold: () => ({ client, release() {} }),
    hadKey: () => true,
    isClosed: () => false,
    close() {},
  };
  onTestFinished(() => {
    for (const end of ends) end();
  });
  return {
    events,
    refused,
    made,
    changeKey() {
      [, current] = keys as [CredentialProvider, CredentialProvider];
      changed();
    },
    changeKeyBack() {
      [current] = keys as [CredentialProvider];
    },
    subscribe: (callbacks: SubscribeCallOptions) =>
      followTopic(follower, ends, { cacheName: 'cache', topicName: 'topic', callbacks, loggerFactory }),
  };
}

test('a leg that ends before the SDK has handed it over is not moved to', async () => {
  const { events, made, subscribe, changeKey } = startTopic((index) => (index === 2 ? refusal : undefined));
  const heartbeats = vi.fn<() => void>();
  await subscribe({ onHeartbeat: heartbeats });
  changeKey();
  await vi.waitFor(() => expect(made).toHaveLength(3), { timeout: 60_000 });

  expect(events).toMatchObject([{ type: 'subscriptionNotMoved', errorCode: 'AUTHENTICATION_ERROR' }]);
  // The first is still the one that is heard.
  for (const each of made) each.onHeartbeat?.({} as never);
  expect(heartbeats).toHaveBeenCalledOnce();
});

test('and if there is another key, that is used', async () => {
  const topic = startTopic((index) => {
    if (index !== 2) return undefined;
    topic.changeKeyBack();
    return refusal;
  });
  await topic.subscribe({});
  topic.changeKey();
  await vi.waitFor(() => expect(topic.refused).toHaveLength(1));
  await new Promise(setImmediate);
  expect(topic.made).toHaveLength(2);
  expect(topic.events).toEqual([]);
});

test('what waits on a new leg is not delivered to who has unsubscribed', async () => {
  const { made, subscribe, changeKey } = startTopic(() => undefined);
  const told: number[] = [];
  const answer = await subscribe({
    onItem: (item) => {
      told.push(item.sequenceNumber());
      if (told.length === 2) (answer as TopicSubscribe.Subscription).unsubscribe();
    },
  });
  changeKey();
  await vi.waitFor(() => expect(made).toHaveLength(2));
  await new Promise(setImmediate);
  for (const number of [2, 3]) made[1]?.onItem?.(new TopicItem('', number, {}));
  made[0]?.onItem?.(new TopicItem('', 1, {}));
  expect(told).toEqual([1, 2]);
});

test('if the first does, that is the answer, and says nothing about the key', async () => {
  const denial = new TopicSubscribe.Error(new PermissionError('denied'));
  const { made, refused, subscribe } = startTopic(() => denial);
  expect(await subscribe({})).toBe(denial);
  expect(made).toHaveLength(1);
  expect(refused).toEqual([]);
});

test('a new leg that ends, for whatever reason, is begun again after a pause, and the old one goes on', async () => {
  const { made, events, refused, subscribe, changeKey } = startTopic(() => undefined);
  const heartbeats = vi.fn<() => void>();
  const errors = vi.fn<() => void>();
  await subscribe({ onHeartbeat: heartbeats, onError: errors });
  changeKey();
  await vi.waitFor(() => expect(made).toHaveLength(2));
  await new Promise(setImmediate);
  // About a message, which the old leg has, too.
  made[1]?.onError?.(refusal, { isSubscribed: true } as TopicSubscribe.Subscription);
  const denial = new TopicSubscribe.Error(new PermissionError('denied'));
  made[1]?.onError?.(denial, { isSubscribed: false } as TopicSubscribe.Subscription);
  await vi.waitFor(() => expect(made).toHaveLength(3), { timeout: 60_000 });
  expect(events).toMatchObject([{ type: 'subscriptionNotMoved', errorCode: 'PERMISSION_ERROR' }]);
  expect(refused).toEqual([]);
  expect(errors).not.toHaveBeenCalled();
  made[0]?.onHeartbeat?.({} as never);
  expect(heartbeats).toHaveBeenCalledOnce();
});

test('after a leg that lived for long the pauses are short again', async () => {
  const clock = stopClock();
  const { made, events, subscribe } = startTopic(() => undefined);
  await subscribe({});
  const pauses: (number | undefined)[] = [];
  const setTimeoutOfNode = globalThis.setTimeout;
  vi.spyOn(globalThis, 'setTimeout').mockImplementation(((callback: () => void, ms?: number) => {
    if (ms !== undefined && ms >= 500) pauses.push(ms);
    return setTimeoutOfNode(callback, ms === undefined || ms < 500 ? ms : 1);
  }) as typeof setTimeout);
  onTestFinished(() => {
    vi.restoreAllMocks();
  });
  for (const [index, lifeSeconds] of [0, 29, 29, 30, 0].entries()) {
    await vi.waitFor(() => expect(made).toHaveLength(index + 1), { timeout: 60_000 });
    await new Promise(setImmediate);
    clock.forward(lifeSeconds);
    made[index]?.onError?.(refusal, { isSubscribed: false } as TopicSubscribe.Subscription);
    await vi.waitFor(() => expect(events).toHaveLength(index + 1), { timeout: 60_000 });
  }
  expect(pauses).toEqual([500, 1000, 2000, 500, 1000]);
});
